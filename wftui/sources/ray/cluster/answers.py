"""How the outcome of a call crosses to another process: what it gave, or why there is nothing, as plain data.

An outcome is `(how, value)`: how is "ok", "target" (a `TargetError` as `(message, hint)`), "gone" (the same, as a
`TargetGone`), "lost" (the same, as an `ObserverLost`), "missing" (the same, as a `NotFoundError`) or "raised" (any
other exception as `(type, text)`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from wftui.errors import NotFoundError, TargetError, TargetGone

if TYPE_CHECKING:
    from collections.abc import Callable


class DriverRaised(Exception):  # noqa: N818 - what the driver raised, told on
    """An operation in another process raised something unforeseen.

    Attributes:
        kind: The name of the exception's class.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {first_line(text)}")
        self.kind = kind


class ObserverLost(TargetGone):
    """The observer in the cluster is gone; the cluster is not."""


def first_line(text: str) -> str:
    """The first line that says something; Ray's errors run over many."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def attempt(work: Callable[..., object], *arguments: object) -> tuple[str, object]:
    """Call it. Returns the outcome; never raises."""
    try:
        return "ok", work(*arguments)
    except ObserverLost as lost:
        return "lost", (lost.message, lost.hint)
    except TargetGone as gone:
        return "gone", (gone.message, gone.hint)
    except TargetError as error:
        return "target", (error.message, error.hint)
    except NotFoundError as error:
        return "missing", (error.message, error.hint)
    except DriverRaised as told:
        return "raised", (told.kind, str(told).removeprefix(f"{told.kind}: "))
    except Exception as error:  # noqa: BLE001 - crosses to the caller, which decides
        cause = getattr(error, "cause", None)  # a RayTaskError's own text is a whole traceback
        raised = cause if isinstance(cause, Exception) else error
        return "raised", (type(raised).__name__, str(raised))


def value_of(how: str, value: object) -> object:
    """What the call gave.

    Raises:
        TargetError: It raised that.
        TargetGone: Likewise.
        ObserverLost: Likewise.
        NotFoundError: Likewise.
        DriverRaised: It raised anything else.
    """
    raisers: dict[str, Callable[[str, str], Exception]] = {
        "target": TargetError,
        "gone": TargetGone,
        "lost": ObserverLost,
        "missing": NotFoundError,
        "raised": DriverRaised,
    }
    if how in raisers:
        raise raisers[how](*cast("tuple[str, str]", value))
    return value
