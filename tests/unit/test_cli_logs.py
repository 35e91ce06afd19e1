"""`wftui logs` on a source in memory: what goes where, and how it ends. On a real cluster: tests/sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.ui.printing import ERR, OUT, TASK, WORKFLOW
from tests.ui.scenes import NOW, TARGET, etl
from tests.unit.commanding import Commands
from wftui.cli import logs
from wftui.model.status import Status
from wftui.sources.fake import FakeClock
from wftui.sources.fake_printing import PrintingFake

if TYPE_CHECKING:
    from collections.abc import Callable

HOSTILE = "\x1b]52;c;aGk=\x07 \u202e\ttab\n"
SHOWN = "␛]52;c;aGk=␇ \\u202e\ttab"


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


@pytest.fixture
def source(wftui: Commands) -> PrintingFake:
    """A workflow whose task `fct_orders` runs, and has printed."""
    made = PrintingFake(TARGET, [etl(WORKFLOW, at=132)], clock=FakeClock(NOW))
    wftui.engine.sources[TARGET] = made
    wftui.engine.default = TARGET
    made.prints(WORKFLOW, TASK, (OUT, f"one\ntwo\n{HOSTILE}"), (ERR, "10%\r20%\rdone\n"), (OUT, "no end"))
    return made


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What happens while the command waits, one after the other; then it is interrupted."""
    steps: list[Callable[[], None]] = []

    def sleep(_seconds: float) -> None:
        if not steps:
            raise KeyboardInterrupt
        steps.pop(0)()

    monkeypatch.setattr("wftui.cli.logs.time.sleep", sleep)
    return steps


def ends(source: PrintingFake) -> None:
    source.put(etl(WORKFLOW, at=132, status=Status.SUCCESSFUL))


@pytest.mark.usefixtures("source")
def test_lines_are_harmless_and_streams_are_chosen(wftui: Commands) -> None:
    result = wftui("logs", WORKFLOW, TASK)
    assert (result.code, result.err) == (0, "")
    assert result.lines == ["one", "two", SHOWN, "done", "no end"]
    assert wftui("logs", WORKFLOW, TASK, "--stderr").lines == ["done"]
    assert wftui("logs", WORKFLOW, TASK, "--stdout", "--tail", "2").lines == [SHOWN, "no end"]
    assert wftui("logs", WORKFLOW, TASK, "--tail", "1").lines == ["done", "no end"]


def test_json_is_raw_and_pieces_join_to_what_was_printed(wftui: Commands, source: PrintingFake) -> None:
    source.prints(WORKFLOW, TASK, (ERR, "bytes \udcff"))
    result = wftui("logs", WORKFLOW, TASK, "--json")
    assert result.out.isascii()
    rows = [json.loads(line) for line in result.lines]
    assert all(list(row) == ["workflow", "task", "stream", "text"] for row in rows)
    told = {word: "".join(row["text"] for row in rows if row["stream"] == word) for word in ("stdout", "stderr")}
    assert told == {"stdout": f"one\ntwo\n{HOSTILE}no end", "stderr": "10%\r20%\rdone\nbytes \udcff"}
    assert {(row["workflow"], row["task"]) for row in rows} == {(WORKFLOW, TASK)}


@pytest.mark.usefixtures("source")
def test_raw_is_what_was_printed(wftui: Commands) -> None:
    assert wftui("logs", WORKFLOW, TASK, "--stdout", "--raw").out == f"one\ntwo\n{HOSTILE}no end"
    result = wftui("logs", WORKFLOW, TASK, "--raw", "--json")
    assert (result.code, "never raw" in result.err) == (2, True)


def test_what_is_large_is_read_in_parts_and_no_further_than_it_was(
    wftui: Commands, source: PrintingFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MOST", 100)
    lines = [f"line {at}" for at in range(1_000)]
    source.prints(WORKFLOW, TASK, (OUT, "\n" + "\n".join(lines) + "\n"))
    plain = source.output

    def growing(*arguments: object, **options: object) -> object:
        source.prints(WORKFLOW, TASK, (OUT, "more and more\n"))
        return plain(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(source, "output", growing)
    result = wftui("logs", WORKFLOW, TASK, "--stdout")
    assert result.lines[4:1_004] == lines
    assert 0 < len(result.lines) < 1_600


def test_following_ends_with_the_task(wftui: Commands, source: PrintingFake, later: list[Callable[[], None]]) -> None:
    later += [
        lambda: source.prints(WORKFLOW, TASK, (OUT, " after all\nlast")),
        lambda: ends(source),
    ]
    result = wftui("logs", WORKFLOW, TASK, "-f", "--tail", "1", "--stdout")
    assert (result.code, result.lines, result.err) == (0, ["no end after all", "last"], "")


def test_following_waits_for_a_target_that_went_and_is_interrupted(
    wftui: Commands, source: PrintingFake, later: list[Callable[[], None]]
) -> None:
    later += [
        lambda: source.fail("the head node is down"),
        lambda: None,
        source.recover,
        lambda: source.prints(WORKFLOW, TASK, (OUT, "\nback again\n")),
    ]
    result = wftui("logs", WORKFLOW, TASK, "-f", "--stdout", "--read-only")
    assert result.code == 130
    assert result.lines[-1] == "back again"
    assert result.err.splitlines() == [
        f"wftui: {TARGET}: the head node is down; trying again",
        f"wftui: {TARGET}: back",
    ]


def test_notes_are_messages_once(wftui: Commands, source: PrintingFake, later: list[Callable[[], None]]) -> None:
    source.notes[TASK] = "some of it may be\x1b[2J of others"
    later.append(lambda: ends(source))
    result = wftui("logs", WORKFLOW, TASK, "-f", "--stderr")
    assert (result.lines, result.err) == (["done"], "wftui: some of it may be␛[2J of others\n")


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ((WORKFLOW, "nobody"), 4, "no task 'nobody'"),
        (("nothing", TASK), 4, "no workflow 'nothing'"),
        ((WORKFLOW, TASK, "--attempt", "3"), 3, "no log of attempt 3"),
        ((WORKFLOW, TASK, "--attempt", "0"), 2, "not a number above 0"),
        ((WORKFLOW, TASK, "--tail", "x"), 2, "not a number above 0"),
        ((WORKFLOW, TASK, "--stdout", "--stderr"), 2, "not allowed with"),
        ((WORKFLOW,), 2, "TASK"),
    ],
)
@pytest.mark.usefixtures("source")
def test_what_is_not_there_is_one_line(wftui: Commands, arguments: tuple[str, ...], code: int, why: str) -> None:
    result = wftui("logs", *arguments)
    assert (result.code, result.out, len(result.err.splitlines())) == (code, "", 1)
    assert why in result.err


def test_a_target_that_does_not_hold_it_says_what_to_do(wftui: Commands) -> None:
    wftui.source("db", [etl(WORKFLOW, at=132)])
    result = wftui("logs", WORKFLOW, TASK)
    assert (result.code, result.out) == (3, "")
    assert "is not kept in db" in result.err
    assert "-t auto" in result.err
    for arguments, why in (((WORKFLOW, "nobody"), "no task 'nobody'"), (("nothing", TASK), "no workflow 'nothing'")):
        result = wftui("logs", *arguments)
        assert (result.code, result.out) == (4, "")
        assert why in result.err


@pytest.mark.parametrize("color", [True, False])
def test_a_terminal_gets_colours_and_nothing_else_that_acts(
    wftui: Commands, source: PrintingFake, monkeypatch: pytest.MonkeyPatch, color: bool
) -> None:
    source.prints(
        WORKFLOW, TASK, (OUT, "\n\x1b[1;31mred\x1b[0m \x1b[38;5;46mgreen\n\x1b[2Jstill\x1b[0m\n\x1b[30mink\x1b[m\n")
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "" if color else "1")
    lines = wftui("logs", WORKFLOW, TASK, "--stdout").lines[-3:]
    if color:
        assert lines == [
            "\x1b[1;31mred\x1b[0m \x1b[92mgreen\x1b[0m",
            "\x1b[92m␛[2Jstill\x1b[0m",
            "\x1b[2mink\x1b[0m",
        ]
    else:
        assert lines == ["red green", "␛[2Jstill", "ink"]
    assert ("\x1b[" in wftui("logs", WORKFLOW, TASK).lines[-1]) is color
    both = wftui("logs", WORKFLOW, TASK, "--no-color").lines
    assert both[:2] == ["out one", "out two"]


def test_of_several_targets_the_one_that_has_it_is_asked(wftui: Commands, source: PrintingFake) -> None:
    wftui.source("other", [])
    result = wftui("logs", WORKFLOW, TASK, "--stderr", "-t", source.info.target, "-t", "other")
    assert (result.code, result.lines) == (0, ["done"])
    assert wftui("logs", "nothing", TASK, "-t", TARGET, "-t", "other").code == 4
