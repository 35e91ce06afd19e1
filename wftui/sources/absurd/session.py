"""How a session with a database begins, for reading and for writing, and how its errors are told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import conninfo
from psycopg.rows import dict_row

from wftui.errors import TargetError, TargetGone
from wftui.model.secrets import MASK_ASCII, mask_url

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a column holds is told by its query.
Row = dict[str, Any]

CONNECT_TIMEOUT = 10
"""Seconds, where the URL names no other."""
# A network that drops silently is noticed within half a minute.
_LIVENESS = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}


def connect(url: str) -> psycopg.Connection[Row]:
    """A new session, each statement a transaction of its own.

    Raises:
        TargetError: The URL is malformed, or the server does not let us in.
    """
    given = parameters(url)
    settings: Mapping[str, Any] = {"connect_timeout": CONNECT_TIMEOUT, "application_name": "wftui", **_LIVENESS}
    settings = {name: value for name, value in settings.items() if name not in given}
    try:
        return psycopg.connect(url, autocommit=True, row_factory=dict_row, prepare_threshold=None, **settings)
    except psycopg.Error as error:
        raise TargetGone(f"cannot connect to {mask_url(url)}: {told(error, url)}", _hint(error)) from None


def parameters(url: str) -> dict[str, Any]:
    """What the URL says, in libpq's words.

    Raises:
        TargetError: It is malformed.
    """
    # An unquoted "@" in a password makes libpq take a part of it for the host, and name that in its messages.
    authority = re.split(r"[/?#]", url.split("://", 1)[-1], maxsplit=1)[0]
    if authority.count("@") <= 1:
        try:
            return conninfo.conninfo_to_dict(url)
        except psycopg.Error:
            pass  # its message would quote the URL
    raise TargetError(
        f"not the URL of a PostgreSQL database: {mask_url(url)}",
        "write postgresql://user@host:port/database, special characters as %40",
    )


def told(error: psycopg.Error, url: str) -> str:
    """The message in one line, without the password."""
    text = error.diag.message_primary or str(error)
    secret = str(parameters(url).get("password") or "")
    if secret:
        text = text.replace(secret, MASK_ASCII)
    return " ".join(text.split()) or type(error).__name__


def _hint(error: psycopg.Error) -> str:
    text = str(error).lower()
    if "password" in text or "authentication" in text:
        return "give the password in PGPASSWORD or ~/.pgpass"
    return ""
