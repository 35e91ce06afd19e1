"""Which targets are Absurd's, and which database is opened when none was given."""

from __future__ import annotations

import subprocess
import sys

import pytest

from wftui.model.secrets import mask_url
from wftui.sources import registry
from wftui.sources.absurd.engine import ENGINE
from wftui.sources.absurd.steps import inferred_upstream
from wftui.sources.absurd.values import error_of, lowest_id, span, time_of_id, value_of
from wftui.sources.registry import engines


def test_it_is_registered() -> None:
    assert ENGINE in engines()


@pytest.mark.parametrize("target", ["postgresql://", "postgresql:///db", "postgres://ann:pw@db:5432/x?sslmode=require"])
def test_claims(target: str) -> None:
    assert ENGINE.claims(target)


@pytest.mark.parametrize("target", ["", "postgresql", "mysql://x", "auto", "head:6379", "./postgresql://x", "s3://b"])
def test_leaves_others(target: str) -> None:
    assert not ENGINE.claims(target)


@pytest.mark.parametrize(
    ("environ", "target"),
    [
        ({}, None),
        ({"PGUSER": "ann", "PGPASSWORD": "secret"}, None),
        ({"ABSURD_DATABASE_URL": "postgresql://a/b", "PGDATABASE": "postgresql://c/d"}, "postgresql://a/b"),
        ({"ABSURD_DATABASE_URL": "no url", "PGDATABASE": "postgresql://c/d"}, "postgresql://c/d"),
        ({"ABSURD_DATABASE_URL": "dbname=x host=db port = 6"}, "postgresql:///x?host=db&port=6"),
        (
            {"ABSURD_DATABASE_URL": r"host='/run/p g' password='it\'s\\' user=a\ b"},
            "postgresql:///?host=%2Frun%2Fp%20g&password=it%27s%5C&user=a%20b",
        ),
        ({"ABSURD_DATABASE_URL": "dbname='x", "PGDATABASE": "flows"}, "postgresql:///flows"),
        ({"PGDATABASE": "flows"}, "postgresql:///flows"),
        ({"PGHOST": "db", "PGUSER": "a b", "PGPORT": "6", "PGPASSWORD": "secret"}, "postgresql://a%20b@db:6/"),
        ({"PGHOST": "/run/pg", "PGPORT": "6", "PGUSER": "ann", "PGDATABASE": "a/b"}, "postgresql:///a%2Fb"),
        ({"PGSERVICE": "prod"}, "postgresql:///"),
    ],
)
def test_settings_of_absurd_and_postgresql(environ: dict[str, str], target: str | None) -> None:
    assert ENGINE.default_target(environ) == target


def test_a_password_among_settings_is_not_shown() -> None:
    target = ENGINE.default_target({"ABSURD_DATABASE_URL": "dbname=x password=hunter2"})
    assert target is not None
    assert "hunter2" in target
    assert "hunter2" not in mask_url(target)


def test_ray_is_looked_for_first() -> None:
    database = {"ABSURD_DATABASE_URL": "postgresql://a/b", "RAY_TMPDIR": "/nowhere"}
    assert registry.default_target({**database, "RAY_WORKFLOW_STORAGE": "/flows"}) == "/flows"


def test_importing_it_imports_no_driver() -> None:
    code = "import sys; from wftui.sources.registry import engines; engines(); print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_without_the_extra_one_line_names_it() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None; from wftui.cli.main import main;"
        "sys.exit(main(['ls', '-t', 'postgresql://ann:hunter2@db/x']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "pip install 'wftui[absurd]'" in done.stderr
    assert "hunter2" not in done.stderr


def test_ids_carry_their_time() -> None:
    assert lowest_id(1_790_000_000.5) == "01a0c450-6df4-0000-0000-000000000000"
    assert time_of_id("01a0c450-6df4-7000-8000-000000000000") == 1_790_000_000.5
    assert time_of_id("aefeefe2-ccc3-4a58-a8ed-c7daf7724a37") is None
    assert lowest_id(-5) == "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("text", "value"),
    [(None, None), ("null", None), ('{"a": 1}', {"a": 1}), ("#1234", "(not read: 1,234 bytes)"), ("plain", "plain"),
     ("[" * 90_000, "[" * 200 + "… (90,000 characters were read)"),
     ("x" * 100_001, "x" * 200 + "… (more than 100,000 characters)")],
    ids=["none", "null", "object", "bytes", "text", "deep", "long"],
)  # fmt: skip
def test_json_is_bounded(text: str | None, value: object) -> None:
    assert value_of(text, 100_000) == value


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [('{"name": "ValueError", "message": "m"}', "ValueError", "m"), ('{"type": "T", "message": "m"}', "T", "m"),
     ('"just text"', None, "just text"), ("[1]", None, "[1]"), ('{"code": 5}', None, '{"code": 5}'),
     ('{"name": null, "message": null}', None, '{"message": null}')],
)  # fmt: skip
def test_errors_of_any_shape(text: str, kind: str | None, message: str) -> None:
    error = error_of(text, 1000)
    assert error is not None
    assert (error.type, error.message) == (kind, message)


def test_the_order_is_inferred_from_times() -> None:
    spans = [("a", 0.0, 10.0), ("b", 11.0, 20.0), ("c", 11.0, 30.0), ("d", 31.0, None), ("e", 31.5, 40.0)]
    assert inferred_upstream(spans) == {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ("b", "c")}


def test_who_ended_before_another_began_is_told_by_that_one() -> None:
    assert inferred_upstream([("a", 0.0, 1.0), ("b", 2.0, 3.0), ("c", 4.0, 5.0)])["c"] == ("b",)
    assert inferred_upstream([("a", 5.0, 5.0), ("b", 5.0, 5.0)])["a"] in ((), ("b",))


@pytest.mark.parametrize(("length", "text"), [(0, "under 1m"), (180, "3m"), (3660, "1h01"), (200_000, "2d")])
def test_spans(length: float, text: str) -> None:
    assert span(length) == text
