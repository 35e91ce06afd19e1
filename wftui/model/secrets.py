"""What is a secret: by the names of keys, and in URLs. Sources and interface hide the same things.

A key is secret when it is, or ends in, one of `SECRET_WORDS`, whatever its case and with `-` for `_`.
"""

from __future__ import annotations

import re
from functools import lru_cache

SECRET_WORDS: tuple[str, ...] = (
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "access_key",
    "private_key",
    "credential",
    "credentials",
)
# What stands in the place of a secret in URLs, logs and JSON.
MASK_ASCII = "******"

# Names that carry credentials in the queries of storage and database URLs, besides the words above.
_URL_WORDS = (*SECRET_WORDS, "secret_key", "account_key", "apikey", "accesskey", "secretkey", "pwd", "sig", "signature")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
_QUOTED = re.compile(_SCHEME.pattern + r"[^\s'\"<>]+")
_PARAMETER = re.compile(r"([?&;#])([^=&;#?]+)=([^&;#]*)")
# Those of an endpoint or a proxy that is given as a parameter: a URL of its own, or a host behind user and password.
_INNER_CREDENTIALS = re.compile(rf"({_SCHEME.pattern}|(?=[^/@]*:)).*@", re.DOTALL)
# libpq's other form of a target, which is none of ours but is tried: host=h password='p w'.
_SETTING = re.compile(r"(?i)\b((?:ssl)?password\s*=\s*)(?!\*{6})(?:'(?:[^'\\]|\\.)*'|[^\s&;#'\"]+)")
# A user name is no secret where a password stands beside it; in object stores it is half of the key.
_NAMES_USERS = ("postgresql", "postgres")


@lru_cache(1_024)  # the same few keys in every row
def is_secret(key: str) -> bool:
    """Whether values under that key are hidden."""
    return key.lower().replace("-", "_").strip().endswith(SECRET_WORDS)


def mask_url(url: str) -> str:
    """`url` without its credentials: user and password before the host, and secret parameters behind `?` or `#`.

    What is no URL comes back as it is. Otherwise nothing but the secrets changes, so that the result still tells
    one target from another.
    """
    scheme = _SCHEME.match(url)
    if scheme is None:
        return url
    head, rest = url[: scheme.end()], url[scheme.end() :]
    at = _end_of_credentials(rest)
    if at >= 0:
        user, colon, _ = rest[:at].partition(":")
        keeps_user = head[:-3].partition("+")[0].lower() in _NAMES_USERS
        user = user if keeps_user else MASK_ASCII
        rest = f"{user}{colon and ':' + MASK_ASCII}{rest[at:]}"
    return head + _PARAMETER.sub(_masked_parameter, rest)


def mask_urls(text: str) -> str:
    """`text` with every URL in it as `mask_url` would have it: for messages that may quote one. `password=…` too."""
    text = _QUOTED.sub(lambda found: mask_url(found[0]), text) if "://" in text else text
    return _SETTING.sub(rf"\g<1>{MASK_ASCII}", text)


def _end_of_credentials(rest: str) -> int:
    """Where the `@` behind the credentials stands; -1 without credentials.

    Keys of object stores hold slashes, and people do not quote them: `s3://KEY:a/b@bucket` has no port, so the
    colon begins a secret, which ends at the last `@`.
    """
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return authority.rindex("@")
    _, colon, port = authority.partition(":")
    if colon and not port.isdigit() and not authority.startswith("[") and "@" in rest:
        return rest.rindex("@")
    return -1


def _masked_parameter(found: re.Match[str]) -> str:
    from urllib.parse import unquote_plus  # hardly anything needs it

    before, name, value = found.groups()
    plain = unquote_plus(name).lower().replace("-", "_").strip()
    if value and plain.endswith(_URL_WORDS):
        value = MASK_ASCII
    elif _INNER_CREDENTIALS.match(value):
        value = _INNER_CREDENTIALS.sub(rf"\1{MASK_ASCII}@", value)
    elif _INNER_CREDENTIALS.match(unquote_plus(value)):
        value = MASK_ASCII
    return f"{before}{name}={value}"
