"""One connection to a database that can only read, and what its failures mean."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import conninfo, errors
from psycopg.rows import dict_row

from wftui.errors import TargetError, TargetGone
from wftui.model.secrets import MASK_ASCII, mask_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from psycopg.sql import SQL, Composed

# What a column holds is told by its query.
Row = dict[str, Any]

STATEMENT_TIMEOUT = 15_000
"""Milliseconds that one statement may take."""
CONNECT_TIMEOUT = 10
"""Seconds, where the URL names no other."""
LEAVING = 2.0
"""Seconds that closing may take where the server does not answer."""
# A network that drops silently is noticed within half a minute.
_LIVENESS = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
_SESSION = (
    "select pg_catalog.set_config('default_transaction_read_only', 'on', false),"
    f" pg_catalog.set_config('statement_timeout', '{STATEMENT_TIMEOUT}', false),"
    " pg_catalog.set_config('lock_timeout', '2000', false)"
)
_MOVED = (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName, errors.InsufficientPrivilege)


class SchemaMoved(TargetGone):
    """A table, a column or a right that was there is not any more: look again at what there is."""


class Link:
    """A connection that is shared by threads, one statement or snapshot at a time.

    Args:
        url: The target, credentials included; they are in no message.
    """

    def __init__(self, url: str) -> None:
        self.target = mask_url(url)
        self._url = url
        self._lock = threading.RLock()
        self._connection: psycopg.Connection[Row] | None = None
        self._closed = False

    def open(self) -> None:
        """Connect anew.

        Raises:
            TargetError: The URL is malformed, or the server does not let us in.
        """
        given = self._parameters()
        settings: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT, "application_name": "wftui", **_LIVENESS}
        settings = {name: value for name, value in settings.items() if name not in given}
        with self._lock:
            self._drop()
            try:
                connection: psycopg.Connection[Row] = psycopg.connect(
                    self._url, autocommit=True, row_factory=dict_row, prepare_threshold=None, **settings
                )
            except psycopg.Error as error:
                raise TargetGone(f"cannot connect to {self.target}: {self._told(error)}", _hint(error)) from None
            self._connection = connection
            self._check_closed()
            with self._meaning():
                connection.execute(_SESSION)
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

    def close(self) -> None:
        """Let go, within a few seconds whatever the server does. A statement that runs in another thread is broken off.

        What cannot be had by then is dropped by the thread that holds it, as soon as it gets its answer or its timeout.
        """
        self._closed = True
        if not self._lock.acquire(blocking=False):
            self._break_off()
            if not self._lock.acquire(timeout=LEAVING):
                return
        try:
            self._drop()
        finally:
            self._lock.release()

    def _break_off(self) -> None:
        connection = self._connection
        if connection is None or connection.closed:
            return
        try:
            if hasattr(connection, "cancel_safe"):  # from psycopg 3.2 on
                connection.cancel_safe(timeout=LEAVING)
            else:
                connection.cancel()
        except psycopg.Error:
            return  # the server is gone, and with it what it did

    def fetch(self, query: Composed | SQL, values: Mapping[str, object] | None = None) -> list[Row]:
        """The rows of a query. A percent sign in it is written twice, with values or without.

        Raises:
            SchemaMoved: What it reads is not there, or not permitted.
            TargetGone: The connection is lost.
            TargetError: The query failed.
        """
        with self._lock, self._meaning():
            self._check_closed()
            if self._connection is None:
                raise TargetGone(f"not connected to {self.target}")
            return self._connection.execute(query, values or {}).fetchall()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that this thread fetches inside is of the same moment.

        Raises:
            TargetGone: The connection is lost.
        """
        with self._lock:
            if self._connection is None:
                raise TargetGone(f"not connected to {self.target}")
            with self._meaning(), self._connection.transaction():
                yield

    @contextmanager
    def _meaning(self) -> Iterator[None]:
        try:
            yield
        except _MOVED as error:
            raise SchemaMoved(f"{self.target}: {self._told(error)}") from None
        except errors.QueryCanceled as error:
            if self._closed:
                raise TargetGone("closed") from None
            raise TargetError(f"{self.target}: {self._told(error)}", "the database may be overloaded") from None
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise TargetGone(f"{self.target} does not answer: {self._told(error)}") from None
        except psycopg.Error as error:
            raise TargetError(f"{self.target}: {self._told(error)}") from None

    def _parameters(self) -> dict[str, Any]:
        # An unquoted "@" in a password makes libpq take a part of it for the host, and name that in its messages.
        authority = re.split(r"[/?#]", self._url.split("://", 1)[-1], maxsplit=1)[0]
        if authority.count("@") <= 1:
            try:
                return conninfo.conninfo_to_dict(self._url)
            except psycopg.Error:
                pass  # its message would quote the URL
        raise TargetError(
            f"not the URL of a PostgreSQL database: {self.target}",
            "write postgresql://user@host:port/database, special characters as %40",
        )

    def _told(self, error: psycopg.Error) -> str:
        """The message in one line, without the password."""
        text = error.diag.message_primary or str(error)
        secret = str(self._parameters().get("password") or "")
        if secret:
            text = text.replace(secret, MASK_ASCII)
        return " ".join(text.split()) or type(error).__name__

    def _check_closed(self) -> None:
        if self._closed:
            self._drop()
            raise TargetGone("closed")

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _hint(error: psycopg.Error) -> str:
    text = str(error).lower()
    if "password" in text or "authentication" in text:
        return "give the password in PGPASSWORD or ~/.pgpass"
    return ""
