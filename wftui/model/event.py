"""Events that workflows wait for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was told to whoever waits for it.

    Attributes:
        name: What is waited for; raw.
        emitted_at: Unix seconds; None while it has not happened, or where that is not recorded.
        payload: What came with it, as JSON has it; raw.
        happened: Whether it was emitted.
    """

    name: str
    emitted_at: float | None = None
    payload: object = None
    happened: bool = True
