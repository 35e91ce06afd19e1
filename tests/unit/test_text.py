"""Foreign text is made harmless on its way to a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wftui.present.text import visible, visible_lines

EVIL = st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "L", "Zs"]))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text", "plain text"),
        ("naïve ✔ 日本", "naïve ✔ 日本"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\nb\rc\td", "a␊b␍c␉d"),
        ("\x9b31m", "\\u009b31m"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("[red]markup[/]", "[red]markup[/]"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_acts_or_hides_becomes_visible(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@given(EVIL)
def test_nothing_left_can_act_on_a_terminal(raw: str) -> None:
    shown = visible(raw)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert visible(shown) == shown
    shown.encode()


def test_lines_lose_colour_codes_and_show_every_other_escape() -> None:
    raw = "\x1b[36mray::f()\x1b[39m failed\r\n\tat line 3\x1b[2J\n\x1b[31;1"
    assert visible_lines(raw) == ["ray::f() failed", "        at line 3␛[2J", "␛[31;1"]


def test_joined_emoji_stand_apart_so_that_every_terminal_gives_them_the_same_cells() -> None:
    assert visible("a\U0001f468\u200d\U0001f469z") == "a\U0001f468\\u200d\U0001f469z"
    assert visible("\u2764\ufe0f\u200d\U0001f525") == "\u2764\ufe0f\\u200d\U0001f525"
    assert visible("\u0915\u094d\u200d\u0937") == "\u0915\u094d\u200d\u0937"  # shapes letters
