"""Why a source is down, where there is little room."""

from __future__ import annotations

from wftui.present.trouble import down_line, reason, short

TARGET = "s3://flows/prod?endpoint_override=store.example.com&region=eu-west-1"


def test_the_reason_comes_without_the_target_that_the_head_names() -> None:
    assert reason(f"cannot read {TARGET}: access is denied (403)", TARGET) == "access is denied (403)"
    assert reason(f"only a part of it is written: {TARGET}", TARGET) == (
        "only a part of it is written: s3://flows/prod"
    )
    database = "postgresql://ann:******@db.example.com:5432/flows?sslmode=verify-full"
    server = 'connection failed: connection to server at "127.0.0.1", port 5432 failed'
    assert reason(f"cannot connect to {database}: {server}: Connection refused", database) == (
        "cannot connect: Connection refused"
    )
    assert reason(f"{database} does not answer: the end", database) == "does not answer: the end"
    assert reason(f"{database}: lock timeout", database) == "lock timeout"
    assert reason("internal error: x\x1b[31m", TARGET) == "internal error: x␛[31m"


def test_a_target_is_short_where_it_stands_in_a_sentence() -> None:
    assert short(TARGET) == "s3://flows/prod"
    assert short("/srv/flows/what?") == "/srv/flows/what?"
    assert short("/very/long" * 9 + "/end").endswith("/end")
    assert len(short("/very/long" * 9)) <= 32


def test_when_it_is_tried_again_is_never_cut() -> None:
    why, retry = down_line("", "a reason " * 30, "trying again in 7s", 80, "…")
    assert len(why) + 2 + len(retry) <= 80
    assert why.startswith("a reason")
    assert why.endswith("…")
    assert down_line("prod", "down", "", 80, "…") == ("prod: down", "")
    assert down_line("", "down and out, for a long while", "trying again in 7s", 10, "…")[1] == "trying again in 7s"
