"""What looks like a secret in metadata is masked, at any depth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wftui.model.secrets import MASK_ASCII, is_secret, mask_url, mask_urls
from wftui.present.secrets import MASK, mask


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "DB_PASSWORD",
        "passwd",
        "Secret",
        "client_secret",
        "token",
        "github-token",
        "api_key",
        "X-API-Key",
        "AWS_SECRET_ACCESS_KEY",
        "private_key",
        "credential",
        "gcp_credentials",
        "authToken",
    ],
)
def test_secret_keys(key: str) -> None:
    assert is_secret(key)


def test_urls_in_messages_are_masked() -> None:
    said = "cannot reach 's3://KEY:a/b@bucket/x' nor <postgresql://me:pw@db/x?password=q>: no route; see https://x.y/z"
    masked = "cannot reach 's3://******:******@bucket/x' nor <postgresql://me:******@db/x?password=******>: no route; "
    assert mask_urls(said) == masked + "see https://x.y/z"
    assert mask_urls("s3: a@b") == "s3: a@b"
    assert mask_urls(r"no directory: host=h password='p \' w' Password = hunter2 dbname=d") == (
        "no directory: host=h password=****** Password = ****** dbname=d"
    )
    assert mask_urls("give the password in PGPASSWORD") == "give the password in PGPASSWORD"


@pytest.mark.parametrize("key", ["tokens_used", "secretary", "password_hint", "key", "primary_key", "owner", ""])
def test_keys_that_are_not_secret(key: str) -> None:
    assert not is_secret(key)


def test_texts_under_secret_keys_are_masked_at_any_depth() -> None:
    raw = {
        "owner": "ada",
        "db": {"password": "hunter2", "port": 5432},
        "steps": [{"token": "abc", "n": 1}, "token"],
        "credentials": {"user": "u", "keys": ["k1", "k2"], "pin": 7},
        "secret": "",
    }
    assert mask(raw, show=False) == {
        "owner": "ada",
        "db": {"password": MASK, "port": 5432},
        "steps": [{"token": MASK, "n": 1}, "token"],
        "credentials": {"user": MASK, "keys": [MASK, MASK], "pin": 7},
        "secret": "",
    }
    assert raw["db"] == {"password": "hunter2", "port": 5432}
    assert mask(raw, show=True) is raw
    assert mask({"token": "x"}, False, MASK_ASCII) == {"token": "******"}


def test_order_stays_and_depth_does_not_matter() -> None:
    deep: dict[str, object] = {"token": "bottom"}
    for _ in range(20_000):
        deep = {"z": 0, "a": deep}
    masked: object = mask(deep, show=False)
    for _ in range(20_000):
        assert isinstance(masked, dict)
        assert list(masked) == ["z", "a"]
        masked = masked["a"]
    assert masked == {"token": MASK}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/data/flows", "/data/flows"),
        ("10.0.0.1:6379", "10.0.0.1:6379"),
        ("auto", "auto"),
        ("ray://host:10001", "ray://host:10001"),
        ("file:///data/a@b", "file:///data/a@b"),
        ("s3://bucket/a@b", "s3://bucket/a@b"),
        ("s3://AKIA:abc@bucket/x", "s3://******:******@bucket/x"),
        ("s3://AKIA:ab/c+d=@bucket/x", "s3://******:******@bucket/x"),
        ("s3://b/x?region=eu&access_key=A&secret_key=B", "s3://b/x?region=eu&access_key=******&secret_key=******"),
        ("s3://b/x?X-Amz-Signature=ff&X-Amz-Credential=c", "s3://b/x?X-Amz-Signature=******&X-Amz-Credential=******"),
        ("az://c/x?sig=abc%3D&sv=1", "az://c/x?sig=******&sv=1"),
        ("az://c/x?access%5Fkey=abc", "az://c/x?access%5Fkey=******"),
        ("https://ghp_1234@host/x", "https://******@host/x"),
        ("postgresql://ada:pw@db:5432/flows", "postgresql://ada:******@db:5432/flows"),
        ("postgresql://ada@db/flows?password=pw", "postgresql://ada@db/flows?password=******"),
        ("postgresql://ada:p@ss@db/flows", "postgresql://ada:******@db/flows"),
        ("s3://b/x#token=abc", "s3://b/x#token=******"),
        ("ray://[::1]:10001", "ray://[::1]:10001"),
        (
            "s3://b/x?endpoint_override=http://u:pw@h:1&region=eu",
            "s3://b/x?endpoint_override=http://******@h:1&region=eu",
        ),
        ("s3://b/x?endpoint_override=u:p@w@h:1", "s3://b/x?endpoint_override=******@h:1"),
        ("s3://b/x?endpoint_override=https%3A%2F%2Fu%3Apw%40h", "s3://b/x?endpoint_override=******"),
        (
            "s3://b/x?endpoint_override=127.0.0.1:9000&profile=a@b",
            "s3://b/x?endpoint_override=127.0.0.1:9000&profile=a@b",
        ),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert mask_url(url) == shown


@given(st.text(), st.text(min_size=3, alphabet=st.characters(codec="ascii", exclude_characters="*:@?#/&;=% ")))
def test_a_password_never_stays(user: str, word: str) -> None:
    secret = f"<<{word}>>"
    for scheme in ("s3", "postgresql", "https"):
        assert secret not in mask_url(f"{scheme}://u:{secret}@host/x")
        assert secret not in mask_url(f"{scheme}://u:{secret}/more@host/x")
        assert secret not in mask_url(f"{scheme}://host/x?a=b&my_token={secret}&c=d")
    mask_url(user)
