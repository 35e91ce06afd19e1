"""The second connection: it may write, is opened when an action was confirmed, and closed right after.

All that is written goes through Absurd's own functions, so that locks are taken in their order (runs, then the task,
then its waits); the row of a workflow run, which they do not know, is locked last, as whoever completes a task and
then notes it in the tracking does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import psycopg
from psycopg import errors

from wftui.errors import RefusedError, TargetGone
from wftui.model.secrets import mask_url
from wftui.sources.absurd.session import connect, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.sources.absurd.session import Row

Result = TypeVar("Result")

STATEMENT_TIMEOUT = 60_000
LOCK_TIMEOUT = 5_000
"""Milliseconds that one statement may take, and wait for a lock."""
TRIES = 3
"""How often a transaction is begun that others got in the way of."""
_SESSION = (
    f"select pg_catalog.set_config('statement_timeout', '{STATEMENT_TIMEOUT}', false),"
    f" pg_catalog.set_config('lock_timeout', '{LOCK_TIMEOUT}', false),"
    " pg_catalog.set_config('idle_in_transaction_session_timeout', '30000', false)"
)
# As `read committed` needs it: what is looked at after a lock is what others committed before it was given.
_ISOLATION = psycopg.IsolationLevel.READ_COMMITTED


class Writer:
    """Opens a connection for each action.

    Args:
        url: The target, credentials included; they are in no message.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def run(self, work: Callable[[psycopg.Connection[Row]], Result]) -> Result:
        """What `work` gives, done in one transaction: all of it, or nothing.

        Raises:
            RefusedError: The database would not do it, or `work` raised this. Nothing was done.
            TargetError: It does not answer. What was under way may have been done.
        """
        connection = connect(self._url)
        try:
            connection.execute(_SESSION)
            connection.isolation_level = _ISOLATION
            for _ in range(TRIES):
                try:
                    with connection.transaction():
                        return work(connection)
                except (errors.DeadlockDetected, errors.SerializationFailure):
                    continue
            raise RefusedError("others were changing the same tasks again and again", "try again")
        except psycopg.Error as error:
            raise self._meaning(error) from None
        finally:
            connection.close()

    def _meaning(self, error: psycopg.Error) -> Exception:
        words = told(error, self._url)
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return RefusedError(f"the database takes no changes in this session ({words})", "is it a replica?")
        if isinstance(error, errors.InsufficientPrivilege):
            return RefusedError(words, "ask its owner for the right, or give another user in the URL")
        if isinstance(error, errors.UndefinedFunction):
            return RefusedError(f"this schema of Absurd is too old ({words})", "absurdctl migrate")
        if isinstance(error, errors.LockNotAvailable):
            return RefusedError("another session holds a lock on it", "try again")
        if isinstance(error, errors.QueryCanceled):
            return RefusedError(f"the database did not finish it in time ({words})", "try again")
        if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
            return TargetGone(f"{mask_url(self._url)} does not answer: {words}", "look whether it was done")
        return RefusedError(words)
