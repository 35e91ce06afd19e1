"""A status is always glyph + word; colour only repeats it."""

from __future__ import annotations

from dataclasses import dataclass

from wftui.model.status import Status
from wftui.present.columns import Span


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of characters, each one cell wide.

    Attributes:
        status: The glyph of each status.
        mark: A marked row.
        cursor: The row under the cursor.
        up: Sorted ascending.
        down: Sorted descending.
        folded: A folded branch.
        unfolded: An open branch.
        bar_full: A done cell of a progress bar.
        bar_empty: A cell still to do.
        ellipsis: Text was cut here.
        dot: A separator between short texts.
        rule: A horizontal line.
        branch: Leads to what lies inside the line above.
    """

    status: dict[Status, str]
    mark: str
    cursor: str
    up: str
    down: str
    folded: str
    unfolded: str
    bar_full: str
    bar_empty: str
    ellipsis: str
    dot: str
    rule: str
    branch: str


UNICODE = Glyphs(
    status={
        Status.FAILED: "✘",
        Status.RUNNING: "▶",
        Status.WAITING: "◷",
        Status.READY: "◇",
        Status.PENDING: "◌",
        Status.RESUMABLE: "↻",
        Status.CANCELED: "⊘",
        Status.UNKNOWN: "?",
        Status.SUCCESSFUL: "✔",
    },
    mark="●",
    cursor="❯",
    up="▲",
    down="▼",
    folded="▸",
    unfolded="▾",
    bar_full="▰",
    bar_empty="▱",
    ellipsis="…",
    dot="·",
    rule="─",
    branch="└",
)
ASCII = Glyphs(
    status={
        Status.FAILED: "X",
        Status.RUNNING: ">",
        Status.WAITING: "w",
        Status.READY: "r",
        Status.PENDING: ".",
        Status.RESUMABLE: "~",
        Status.CANCELED: "/",
        Status.UNKNOWN: "?",
        Status.SUCCESSFUL: "+",
    },
    mark="*",
    cursor=">",
    up="^",
    down="v",
    folded=">",
    unfolded="v",
    bar_full="#",
    bar_empty="-",
    ellipsis="~",
    dot="|",
    rule="-",
    branch="`",
)

# What a person looks for first stands first: everywhere statuses are listed or sorted.
STATUS_ORDER: tuple[Status, ...] = (
    Status.FAILED,
    Status.RUNNING,
    Status.WAITING,
    Status.RESUMABLE,
    Status.PENDING,
    Status.READY,
    Status.UNKNOWN,
    Status.CANCELED,
    Status.SUCCESSFUL,
)
STATUS_RANK: dict[Status, int] = {status: rank for rank, status in enumerate(STATUS_ORDER)}


def glyphs(*, ascii_only: bool) -> Glyphs:
    """The set for a terminal."""
    return ASCII if ascii_only else UNICODE


def status_spans(status: Status, glyphs: Glyphs, width: int = 0) -> tuple[Span, Span]:
    """Glyph and word, `width` cells long at least. What is fine stays quiet, so that the rest stands out."""
    tone = status.value.lower()
    word_tone = "muted" if status is Status.SUCCESSFUL else tone
    return (Span(f"{glyphs.status[status]} ", tone), Span(status.value.ljust(width - 2), word_tone))
