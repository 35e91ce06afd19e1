"""Quantiles of few values, as they predict the next one. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# What lies beyond the least and the most of few values is guessed by the gaps between them, and never from nothing.
_LEAST_GAP = 0.05
_ALONE = 0.3
_WIDER = 1.5


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value below which that part of the values lies; between two of them in proportion.

    Args:
        ordered: Ascending, at least one.
        part: From 0 to 1.
    """
    at = part * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def expected(ordered: Sequence[float], part: float) -> float:
    """The value below which the next one falls with that probability, at least 0.

    Of n values the next is below the k-th with probability k / (n + 1). Beyond the first and the last of them it is a
    guess: the fewer they are, the further out.

    Args:
        ordered: Ascending, at least one.
        part: From 0 to 1.
    """
    count = len(ordered)
    rank = part * (count + 1)
    if 1 <= rank <= count:
        return max(0.0, quantile(ordered, (rank - 1) / (count - 1)) if count > 1 else ordered[0])
    middle = quantile(ordered, 0.5)
    gap = _ALONE * middle if count == 1 else max(_WIDER * (ordered[-1] - ordered[0]) / (count - 1), _LEAST_GAP * middle)
    beyond = ordered[0] - (1 - rank) * gap if rank < 1 else ordered[-1] + (rank - count) * gap
    return max(0.0, beyond)
