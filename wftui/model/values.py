"""What tasks were given and what they gave back, as far as it can be told without executing anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One value, looked into inertly and only so far. All text is raw.

    Attributes:
        type: Its class, qualified as Python prints it ("dict", "numpy.ndarray", "shop.Item"); "" when not known.
        text: A scalar as `repr` prints it, cut with "…"; of others what can be said in a few words ("(3, 4) float64").
        size: Members of a container, characters of a text, bytes of bytes; None for anything else.
        members: What it holds: pairs of a dict, items, attributes and arguments of an object.
        more: Members that were left out.
        upstream: It is the output of another task: which of those that its own task waits for, counted from 0.
    """

    type: str
    text: str = ""
    size: int | None = None
    members: tuple[Member, ...] = ()
    more: int = 0
    upstream: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a value.

    Attributes:
        name: A text key or the name of an attribute, raw; another key as `repr` prints it; None where it has none.
        value: The member.
    """

    name: str | None
    value: ShownValue


@dataclass(frozen=True, slots=True)
class StoredValue:
    """One file with a value.

    Attributes:
        size: Its bytes; None if not known.
        value: What it holds; None where that cannot be told.
        problem: Why it cannot, or not all of it; "" where nothing is wrong.
    """

    size: int | None
    value: ShownValue | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TaskValues:
    """The values of one task.

    Attributes:
        args: Its arguments; None where none are stored.
        output: Its own checkpointed output; None where none is stored.
    """

    args: StoredValue | None = None
    output: StoredValue | None = None
