"""What a task printed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Stream(Enum):
    """Where it printed to; the value is the word in JSON."""

    OUT = "stdout"
    ERR = "stderr"


@dataclass(frozen=True, slots=True)
class OutputPiece:
    """Some text that a task printed, in one go to one stream.

    Attributes:
        stream: Where to.
        text: What; raw. Of a task that still prints, the last line may go on in the next piece of that stream.
    """

    stream: Stream
    text: str


@dataclass(frozen=True, slots=True)
class OutputPart:
    """The next part of what a task printed.

    Attributes:
        pieces: The text, as it was seen to come; the order between the streams is kept only while it is followed.
        position: Give it back to get what comes after; the source's own, opaque.
        is_open: Whether more may come: the task runs, or there is more than was asked for.
        skipped: Bytes of earlier output that were left out right before these pieces.
        note: What is missing or not certain, and how to get it; "" if nothing.
    """

    pieces: tuple[OutputPiece, ...]
    position: str
    is_open: bool
    skipped: int = 0
    note: str = ""
