"""Tables as text."""

from __future__ import annotations

from wftui.present.tables import Cell, Column, cells, cut, render

COLUMNS = [Column("A"), Column("LONG", shrinks=1), Column("N", right=True), Column("NONE")]


def lines(rows: list[list[str]], width: int | None = None) -> list[str]:
    body: list[list[Cell]] = [[(text, "") for text in row] for row in rows]
    return ["".join(text for text, _ in line).rstrip() for line in render(COLUMNS, body, width, "…")]


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    assert lines([["a", "some text", "7", ""], ["bbb", "", "12", ""]]) == [
        "A    LONG        N",
        "a    some text   7",
        "bbb             12",
    ]


def test_wide_characters_count_twice() -> None:
    assert cells("日本") == 4
    assert cells("e\u0301") == 1
    assert lines([["日", "x", "1", ""], ["ab", "y", "2", ""]])[1:] == ["日  x     1", "ab  y     2"]


def test_only_what_may_shrink_does_and_nothing_without_a_terminal() -> None:
    row = ["fixed-width", "x" * 50, "1", ""]
    assert "x" * 50 in lines([row])[1]
    narrow = lines([row], 30)
    assert all(cells(line) <= 30 for line in narrow)
    assert "fixed-width" in narrow[1]
    assert "…" in narrow[1]


def test_where_nothing_is_cut_one_long_text_sticks_out_of_its_column() -> None:
    found = lines([["a", "x" * 300, "1", ""], ["a", "short", "2", ""]])
    assert "x" * 300 in found[1]
    assert len(found[2]) < 80


def test_cut() -> None:
    assert cut("abc", 3, "…") == "abc"
    assert cut("abcd", 3, "…") == "ab…"
    assert cut("日本語", 4, "…") == "日…"
    assert cut("abc", 0, "…") == ""
