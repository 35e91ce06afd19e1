"""What a task printed as lines: what controls do, that nothing acts on a terminal, that all of it is bounded."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from wftui.model.output import OutputPart, OutputPiece, Stream
from wftui.model.status import Status
from wftui.model.task import Task, TaskKind
from wftui.present.line_maker import LONGEST, MOST_RUNS, LineMaker
from wftui.present.output_lines import OutputLines
from wftui.present.output_looks import (
    BOLD,
    DIM,
    ITALIC,
    PLAIN,
    PLAIN_AGAIN,
    REVERSE,
    UNDERLINE,
    Look,
    Painted,
    escape_of,
    legible,
    look_after,
    pieces_of,
)
from wftui.present.output_rows import Found, OutputRows, OutputSearch
from wftui.present.output_words import as_of_words

OUT, ERR = Stream.OUT, Stream.ERR

# What means something, often, and anything else.
PIECES = (
    *(
        "a",
        "bcd",
        "\n",
        "\r",
        "\r\n",
        "\b",
        "\t",
        "\x1b",
        "[",
        "0",
        ";",
        "m",
        "\xe9",
        "\u202e",
        "\u200d",
        "\U0001f469",
        "\u6f22",
        "\udce9",
        "x" * 40,
    ),
    *("\x1b[31m", "\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[2J", "\x1b]0;t\x07"),
)
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join)
lean = settings(max_examples=60, deadline=None)


def made_of(*pieces: str, longest: int = LONGEST) -> list[Painted]:
    maker = LineMaker(longest)
    return [line for piece in pieces for line in maker.feed(piece)] + maker.end()


def lines_of(*pieces: str, longest: int = LONGEST) -> list[str]:
    return [line.text for line in made_of(*pieces, longest=longest)]


def looks_of(*pieces: str) -> list[list[tuple[str, Look]]]:
    """The parts of each line that look alike."""
    return [list(pieces_of(line.text, line.runs, 0, len(line.text))) for line in made_of(*pieces)]


def part(*pieces: tuple[Stream, str], skipped: int = 0) -> OutputPart:
    return OutputPart(tuple(OutputPiece(*piece) for piece in pieces), "", True, skipped)


@lean
@given(texts, st.lists(st.integers(0, 400), max_size=12))
def test_however_it_is_cut_the_lines_are_the_same(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]
    for longest in (LONGEST, 7):
        assert made_of(*pieces, longest=longest) == made_of(text, longest=longest)
        assert made_of(*text, longest=longest) == made_of(text, longest=longest)


@lean
@given(texts, st.integers(1, 400))
def test_without_looks_the_text_is_the_same(text: str, cut: int) -> None:
    for longest in (LONGEST, 7):
        maker = LineMaker(longest, has_looks=False)
        made = [*maker.feed(text[:cut]), *maker.feed(text[cut:]), *maker.end()]
        assert [line.text for line in made] == lines_of(text, longest=longest)
        assert all(not line.runs for line in made)


@lean
@given(texts)
def test_nothing_in_a_line_can_act_on_a_terminal(text: str) -> None:
    for line in lines_of(text):
        assert all(unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") for char in line)
        assert "\u202e" not in line


@lean
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=50), st.integers(0, 5))
def test_plain_lines_are_what_was_printed(text: str, ends: int) -> None:
    assert (
        lines_of(text + "\n" * ends)
        == [line for line in (text + "\n" * ends).split("\n")[: ends + 1] if ends or line][: ends or 1]
    )


def test_controls_do_what_they_do_on_a_terminal() -> None:
    assert lines_of("10%\r20%\r30%\ndone\r\n") == ["30%", "done"]
    assert lines_of("a long line\rshort\n") == ["shortg line"]
    assert lines_of("a long line\r\x1b[Kshort\n", "a long line\r\x1b[2Kshort\n") == ["short", "short"]
    assert lines_of("abc\b\bX\n") == ["aXc"]
    assert lines_of("\x1b[1;31mred\x1b[0m\n") == ["red"]
    assert lines_of("a\tb\n") == ["a       b"]
    assert lines_of("\x1b]52;c;aGk=\x07\x1b[2J\x1bP\x9d\n") == ["␛]52;c;aGk=␇␛[2J␛P\\u009d"]
    assert lines_of("no end") == ["no end"]


RED, GREEN, BLUE, YELLOW = Look(1), Look(2), Look(4), Look(3)


def test_a_joiner_is_judged_by_what_it_joins_whatever_looks_they_have() -> None:
    for before in ("a\t", "\u202e", "\udce9", "\U0001f469"):
        assert lines_of(f"{before}\x1b[31m\u200db\n") == lines_of(f"{before}\u200db\n")


def test_colours_are_looks_that_last_until_they_are_ended() -> None:
    assert looks_of("a \x1b[31mred\x1b[0m.\n") == [[("a ", PLAIN), ("red", RED), (".", PLAIN)]]
    assert looks_of("\x1b[1;31mone\ntwo\x1b[m three\n") == [
        [("one", Look(1, None, BOLD))],
        [("two", Look(1, None, BOLD)), (" three", PLAIN)],
    ]
    assert looks_of("\x1b[38;5;196mx\x1b[38;2;10;200;20my\x1b[38:2::0:0:255mz\x1b[94;49mb\n") == [
        [("x", Look(9)), ("y", GREEN), ("zb", Look(12))]
    ]
    marks = BOLD | DIM | ITALIC | UNDERLINE | REVERSE
    assert looks_of("\x1b[1;2;3;4;7;41mx\x1b[22;23;24;27;49my\n") == [[("x", Look(None, 1, marks)), ("y", PLAIN)]]
    # The colour of an underline is not shown, and its numbers are no codes.
    assert looks_of("\x1b[31;58;2;255;0;4mx\x1b[58;5;7my\x1b[58:5:32mz\n") == [[("xyz", RED)]]
    # Text that a terminal would hide or let blink is only text.
    assert looks_of("\x1b[8mhidden\x1b[5mblink\n") == [[("hiddenblink", PLAIN)]]
    assert [line.text for line in made_of("\x1b[>4;1m\x1b[?1m\x1b[1 m\n")] == ["␛[>4;1m␛[?1m␛[1 m"]


def test_what_is_written_over_has_the_new_look() -> None:
    assert looks_of("\x1b[31m10%\r\x1b[32m20\n") == [[("20", GREEN), ("%", RED)]]
    assert looks_of("\x1b[31mred\r\x1b[0m\x1b[Kplain\n") == [[("plain", PLAIN)]]
    assert looks_of("\x1b[31mred\x1b[1K\x1b[33mx\n") == [[("   ", PLAIN), ("x", YELLOW)]]
    assert looks_of("\x1b[31ma\t\u202eb\x1b[34mc\n") == [[("a       \\u202eb", RED), ("c", BLUE)]]


def test_a_line_has_a_bounded_number_of_looks_and_they_count_as_memory() -> None:
    text = "".join(f"\x1b[3{at % 7 + 1}mx" for at in range(2_000))
    (line,) = made_of(text + "\n")
    assert (line.text, len(line.runs), line.runs[-1]) == ("x" * 2_000, MOST_RUNS, (2_000, PLAIN))
    lines = OutputLines(most_chars=100_000)
    for _ in range(50):
        lines.feed(part((OUT, text + "\n")))
    assert sum(len(line.runs) for line in lines.lines) <= 15_000


looks = st.builds(Look, st.none() | st.integers(0, 15), st.none() | st.integers(0, 15), st.integers(0, 31))


@lean
@given(looks, looks)
def test_what_is_sent_to_a_terminal_is_what_is_meant_and_hides_nothing(look: Look, before: Look) -> None:
    sent = legible(look)
    assert look_after(PLAIN, escape_of(look) or "\x1b[m") == sent
    assert look_after(before, PLAIN_AGAIN) == PLAIN
    assert legible(sent) == sent
    assert sent.back is None or (sent.fore is not None and sent.fore % 8 != sent.back % 8)


@lean
@given(texts, st.text("0123456789;:<=>?m\x1b[", max_size=20))
def test_runs_cover_a_line_whatever_escapes_there_are(text: str, odd: str) -> None:
    for line in made_of(f"{text}\x1b[{odd}m{text}"):
        ends = [end for end, _ in line.runs]
        assert ends == sorted(set(ends))
        assert not ends or ends[-1] == len(line.text)
        assert "".join(piece for piece, _ in pieces_of(line.text, line.runs, 0, len(line.text))) == line.text


def test_tabs_are_kept_for_files() -> None:
    maker = LineMaker(keeps_tabs=True)
    assert maker.feed("a\tb\x1b]0;\n") == [Painted("a\tb␛]0;")]


def test_a_line_without_an_end_is_shown_and_a_long_one_is_broken() -> None:
    lines = OutputLines()
    lines.feed(part((OUT, "50%"), (ERR, "warn\n"), (OUT, "\r60%")))
    assert [(line.stream, line.text) for line in (*lines.lines, *lines.pending)] == [(ERR, "warn"), (OUT, "60%")]
    assert [len(line) for line in lines_of("x" * (2 * LONGEST + 5))] == [LONGEST, LONGEST, 5]


def test_what_is_kept_is_bounded_and_what_went_is_counted() -> None:
    lines = OutputLines(most_chars=1_000, most_lines=100)
    for at in range(5_000):
        lines.feed(part((OUT, f"{at:04d}\n"), (ERR, "y" * 30 + "\n")))
    assert sum(len(line.text) for line in lines.lines) <= 1_000 * 9 / 8
    assert len(lines.lines) <= 100 * 9 / 8
    assert lines.dropped + len(lines.lines) == 10_000
    assert [line.text for line in lines.lines[-2:]] == ["4999", "y" * 30]
    lines.feed(part((OUT, "z\n"), skipped=7_000))
    assert [(line.stream, line.text) for line in lines.lines[-2:]] == [(None, "7,000 bytes left out"), (OUT, "z")]
    lines.feed(part((OUT, "z" * 20_000)))
    assert sum(len(line.text) for line in lines.lines) <= LONGEST + 1_000
    assert lines.skipped == 7_000
    before = lines.dropped + len(lines.lines)
    lines.feed(part((OUT, "no end yet")))
    lines.feed(part((OUT, "\n" + "y\n" * 5_000)))
    assert len(lines.lines) <= 100 * 9 / 8
    assert lines.dropped + len(lines.lines) == before + 5_001
    assert {line.text for line in lines.lines[-100:]} == {"y"}


@lean
@given(
    st.lists(st.tuples(st.sampled_from(Stream), texts), max_size=20),
    st.integers(1, 30),
    st.sampled_from([None, *Stream]),
)
def test_rows_grow_as_if_they_were_arranged_anew(
    pieces: list[tuple[Stream, str]], width: int, stream: Stream | None
) -> None:
    lines = OutputLines(most_chars=300, most_lines=20)
    grown, anew = OutputRows(lines, cell_len), OutputRows(lines, cell_len)
    grown.arrange(stream, width)
    for piece in pieces:
        grown.take(lines.feed(part(piece)))
        anew.arrange(stream, width)
        assert len(grown) == len(anew)
        rows = [grown.row(at) for at in range(len(grown))]
        assert rows == [anew.row(at) for at in range(len(anew))]
        assert grown.row(len(grown)) is None
        shown = "".join(row.line.text[row.start : row.end] for row in rows if row is not None)
        assert shown == "".join(line.text for line in anew.lines)
        for at, row in enumerate(rows):
            assert row is not None
            assert cell_len(row.line.text[row.start : row.end]) <= max(2, width)
            if row.line not in lines.pending:
                assert grown.first_row(row.line.number, row.start) == at


def test_a_search_goes_round_and_counts() -> None:
    lines = OutputLines()
    new = lines.feed(part((OUT, "one Row\nno\nrow, row\n")))
    search = OutputSearch()
    search.look_for("row", new)
    assert search.count == "3 found"
    assert [search.step(1, Found(1, 0)), search.step(1, Found(0, 0)), search.step(1, Found(0, 0))] == [
        Found(2, 0),
        Found(2, 5),
        Found(0, 4),
    ]
    assert search.count == "1 of 3"
    assert search.step(-1, Found(0, 0)) == Found(2, 5)
    search.take(lines.feed(part((ERR, "row\n"))), oldest=1)
    assert search.count == "2 of 3"
    search.look_for("Row", lines.lines)
    assert search.found == [Found(0, 4)]
    search.look_for("nowhere", lines.lines)
    assert (search.count, search.step(1, Found(0, 0))) == ("none found", None)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.READY, "had not begun, and all of this was printed later"),
        (Status.RUNNING, "some of this may have been printed after"),
        (Status.SUCCESSFUL, "nothing was printed after that"),
        (Status.FAILED, "an attempt after that may have printed this"),
        (None, "had not begun"),
    ],
)
def test_of_the_past_only_what_is_known_is_said(status: Status | None, said: str) -> None:
    then = None if status is None else Task("a", "a", TaskKind.TASK, status)
    words = as_of_words(then, 1_000.0, 1_060.0)
    assert words.startswith("the output as of now, not ")
    assert said in words
