"""Whether secrets in metadata are masked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from wftui.model.secrets import MASK_ASCII
from wftui.present.secrets import mask

if TYPE_CHECKING:
    import argparse

    from wftui.present.jsonview import Mask


def mask_for(args: argparse.Namespace) -> Mask:
    """What metadata goes through before it is shown."""
    return partial(mask, show=args.show_secrets, mark=MASK_ASCII)
