"""Lines broken to a width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wftui.present.columns import Span
from wftui.present.wrap import wrap


def rows(text: str, width: int, hang: int = 0) -> list[str]:
    return ["".join(span.text for span in row) for row in wrap([Span(text)], width, hang, cell_len)]


def test_breaks_at_spaces_and_hangs() -> None:
    assert rows("one two three", 20) == ["one two three"]
    assert rows("one two three", 8) == ["one two", "three"]
    assert rows("name  one two three", 12, 6) == ["name  one", "      two", "      three"]


def test_breaks_words_that_do_not_fit() -> None:
    assert rows("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert rows("漢字漢字漢", 5) == ["漢字", "漢字", "漢"]


def test_tones_stay_with_their_text() -> None:
    found = wrap([Span("one ", "muted"), Span("two three", "failed")], 8, 0, cell_len)
    assert found == [(Span("one ", "muted"), Span("two", "failed")), (Span("three", "failed"),)]


def test_a_hang_that_leaves_no_room_is_made_smaller() -> None:
    assert rows("a" * 30, 10, 9) == ["a" * 10, "  " + "a" * 8, "  " + "a" * 8, "  aaaa"]


@given(
    st.text(st.characters(exclude_categories=["C", "M", "Z"]) | st.just(" ")), st.integers(4, 30), st.integers(0, 40)
)
def test_every_row_fits_and_no_character_is_lost(text: str, width: int, hang: int) -> None:
    found = rows(text, width, hang)
    assert all(cell_len(row) <= width for row in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
