"""Settings: the environment, the locale, and the user's key map."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS_FILE = "keys.json"
_OFF = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says.

    Attributes:
        target: `WFTUI_TARGET`; None without one.
        definitions: The files and folders in `WFTUI_DEFINITIONS`, separated as in PATH.
        read_only: `WFTUI_READ_ONLY` is set to something other than 0.
        no_observer: `WFTUI_NO_OBSERVER` is set to something other than 0.
        no_color: `NO_COLOR` is set to anything (https://no-color.org).
        dumb: The terminal can do nothing (`TERM=dumb`).
    """

    target: str | None
    definitions: tuple[str, ...]
    read_only: bool
    no_observer: bool
    no_color: bool
    dumb: bool


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings."""
    return Settings(
        target=environ.get("WFTUI_TARGET") or None,
        definitions=tuple(path for path in environ.get("WFTUI_DEFINITIONS", "").split(os.pathsep) if path),
        read_only=_is_on(environ, "WFTUI_READ_ONLY"),
        no_observer=_is_on(environ, "WFTUI_NO_OBSERVER"),
        no_color=bool(environ.get("NO_COLOR")),
        dumb=environ.get("TERM") == "dumb",
    )


def _is_on(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").strip().lower() not in _OFF


def speaks_utf8(encoding: str | None, environ: Mapping[str, str]) -> bool:
    """Whether a terminal whose stream has that encoding takes box drawing and glyphs."""
    # In the C locale Python writes UTF-8 all the same; whoever asks for that locale for everything wants plain text.
    if environ.get("LC_ALL") in ("C", "POSIX") and not environ.get("PYTHONUTF8"):
        return False
    return (encoding or "").lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig", "cp65001")


def read_keymap(path: str) -> dict[str, str]:
    """The user's keys: binding id -> keys as Textual names them, separated by commas.

    Args:
        path: The file, JSON; without it every binding keeps its keys.

    Raises:
        ValueError: It cannot be read or does not map texts to texts; the text says so, and names the file.
    """
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(keys, str) and keys for keys in found.values()):
        raise ValueError(f'{path} does not map ids to keys: write it as {{"main.cancel": "x", "app.quit": "q,ctrl+q"}}')
    return found
