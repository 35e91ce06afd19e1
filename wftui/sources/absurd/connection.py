"""One connection to a database that can only read, and what its failures mean."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from wftui.errors import TargetError, TargetGone
from wftui.model.secrets import mask_url
from wftui.sources.absurd import silence
from wftui.sources.absurd.session import Row as Row
from wftui.sources.absurd.session import connect, told
from wftui.sources.absurd.silence import Silence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from psycopg.sql import Composed

STATEMENT_TIMEOUT = 15_000
"""Milliseconds that one statement may take."""
LEAVING = 2.0
"""Seconds that closing may take where the server does not answer."""
# Big tables are read through their indexes alone: for a long page the planner would rather sort the whole table, once
# for each page. Where there is no other way it still scans, and then compiling the statement would cost more than that.
_SESSION = (
    "select pg_catalog.set_config('enable_seqscan', 'off', false), pg_catalog.set_config('jit', 'off', false),"
    " pg_catalog.set_config('default_transaction_read_only', 'on', false),"
    f" pg_catalog.set_config('statement_timeout', '{STATEMENT_TIMEOUT}', false),"
    " pg_catalog.set_config('lock_timeout', '2000', false)"
)
_MOVED = (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName, errors.InsufficientPrivilege)


class SchemaMoved(TargetGone):
    """A table, a column or a right that was there is not any more: look again at what there is."""


class StatementLost(TargetError):  # noqa: N818 - reads as what happened; never shown
    """The session has no such prepared statement: a pooler gave us another one."""


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
        self._silence: Silence | None = None
        self._closed = False

    def open(self) -> None:
        """Connect anew.

        Raises:
            TargetError: The URL is malformed, or the server does not let us in.
        """
        with self._lock:
            self._drop()
            connection = connect(self._url)
            self._connection, self._silence = connection, Silence(connection, silence.PATIENCE)
            self._check_closed()
            with self._asking():
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
        with self._lock, self._asking() as connection:
            return connection.execute(query, values or {}).fetchall()

    def prepare(self, name: Identifier, query: SQL) -> None:
        """Keep a statement in the session. Its placeholders are `since`, `id` and `runs`, as `$1`, `$2`, `$3`.

        Raises:
            TargetError: As for `fetch`.
        """
        with self._lock, self._asking() as connection:
            text = query.as_string(None) % {"since": "$1", "id": "$2", "runs": "$3"}
            connection.execute(SQL("prepare {}(float8, uuid, text[]) as {}").format(name, SQL(text)))

    def fetch_planned(self, statement: SQL | Composed, setting: str) -> list[tuple[Any, ...]]:
        """The rows of a statement without placeholders, under a setting that is for it alone. One round trip.

        Args:
            statement: What to ask; a percent sign in it stands for itself.
            setting: "name = value".

        Raises:
            StatementLost: It executes a prepared statement that this session does not have.
            TargetError: As for `fetch`.
        """
        with self._lock, self._asking() as connection:
            script = SQL("set local {}; {}").format(SQL(setting), statement)
            with connection.cursor(row_factory=tuple_row) as cursor:
                cursor.execute(script)
                cursor.nextset()
                return cursor.fetchall()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that this thread fetches inside is of the same moment.

        Raises:
            TargetGone: The connection is lost.
        """
        with self._lock, self._asking() as connection, connection.transaction():
            yield

    @contextmanager
    def _asking(self) -> Iterator[psycopg.Connection[Row]]:
        """The connection; what it raises becomes our errors, and it does not wait for ever."""
        self._check_closed()
        if self._connection is None or self._silence is None:
            raise TargetGone(f"not connected to {self.target}")
        silence_of_it = self._silence
        try:
            with silence_of_it:
                yield self._connection
        except _MOVED as error:
            raise SchemaMoved(f"{self.target}: {self._told(error)}") from None
        except errors.InvalidSqlStatementName as error:
            raise StatementLost(f"{self.target}: {told(error, self._url)}") from None
        except errors.QueryCanceled as error:
            if self._closed:
                raise TargetGone("closed") from None
            raise TargetError(f"{self.target}: {self._told(error)}", "the database may be overloaded") from None
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if silence_of_it.was_cut:
                raise TargetGone(f"{self.target} does not answer: silent for {silence.PATIENCE:g} s") from None
            raise TargetGone(f"{self.target} does not answer: {self._told(error)}") from None
        except psycopg.Error as error:
            raise TargetError(f"{self.target}: {self._told(error)}") from None

    def _told(self, error: psycopg.Error) -> str:
        """The message in one line, without the password."""
        return told(error, self._url)

    def _check_closed(self) -> None:
        if self._closed:
            self._drop()
            raise TargetGone("closed")

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if self._silence is not None:
            self._silence.end()
        if connection is not None:
            connection.close()
