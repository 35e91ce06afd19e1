"""Where this user's files lie (XDG Base Directory Specification)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def config_dir(environ: Mapping[str, str]) -> str:
    """The directory of the configuration: `$XDG_CONFIG_HOME/wftui`, else `~/.config/wftui`. It need not exist."""
    return _under(environ, "XDG_CONFIG_HOME", os.path.join("~", ".config"))


def state_dir(environ: Mapping[str, str]) -> str:
    """The directory of what is remembered: `$XDG_STATE_HOME/wftui`, else `~/.local/state/wftui`. It need not exist."""
    return _under(environ, "XDG_STATE_HOME", os.path.join("~", ".local", "state"))


def _under(environ: Mapping[str, str], variable: str, otherwise: str) -> str:
    base = environ.get(variable, "")
    # The specification: a relative path is invalid and ignored.
    root = Path(base) if Path(base).is_absolute() else Path(otherwise).expanduser()
    return str(root / "wftui")
