"""Opens sources before the app starts, so that a bad target is one line and an exit code; tells of what takes long."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from wftui.cli.output import progress
from wftui.sources.base import FIRST_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.change import Page
    from wftui.sources.base import Source

PATIENCE = 2.0
"""Seconds after which whoever waits is told for what."""
QUICK = 1.0
"""Seconds in which most targets are open, or known to be bad: those of which neither is so open in the app."""


@contextmanager
def waiting_for(source: Source) -> Iterator[None]:
    """Where a person looks, tell after a while which source the command waits for; the line goes with the waiting."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield  # a script has its own patience, and gets the outcome
        return
    lock = threading.Lock()
    is_over = is_told = False

    def tell() -> None:
        nonlocal is_told
        with lock:
            if not is_over:
                is_told = True
                info = source.info
                progress(f"waiting for {': '.join((info.target, *info.notes[:1]))} (ctrl+c leaves)")

    timer = threading.Timer(PATIENCE, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # what reads in several processes must not find a thread that is about to end
        with lock:
            is_over = True
            if is_told:
                progress("")


class Opening:
    """Opens each source in a thread of its own. Daemons: a target that never answers cannot hold an interrupt.

    Args:
        sources: Which to open.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._changed = threading.Condition()
        self._sources = [OpeningSource(source, self._changed) for source in sources]

    def opened(self, patience: float | None = None) -> list[Source]:
        """Wait until one source is open, or none can be; or for so many seconds, `QUICK` if not given.

        One that is down, or that takes its time, does not hold the others: the app shows it as what it is.

        Raises:
            TargetError: None can be reached or read: the error of the first of them in order.
        """
        with self._changed:
            self._changed.wait_for(self._is_decided, QUICK if patience is None else patience)
            if (error := self._error()) is not None:
                raise error
        return [cast("Source", source) for source in self._sources]

    def when_hopeless(self, tell: Callable[[BaseException], object]) -> None:
        """Call `tell`, from another thread, with the error of the first source if it turns out that none can be opened.

        Each is tried once: what opened and goes down later is no matter of the start.
        """

        def wait() -> None:
            with self._changed:
                self._changed.wait_for(self._is_decided)
                error = self._error()
            if error is not None:
                tell(error)

        threading.Thread(target=wait, name="wftui-hopeless", daemon=True).start()

    def _is_decided(self) -> bool:
        return any(it.is_open for it in self._sources) or all(it.error is not None for it in self._sources)

    def _error(self) -> BaseException | None:
        sources = self._sources
        return sources[0].error if sources and all(it.error is not None for it in sources) else None


class OpeningSource:
    """A source that is being opened: the first `open` waits for the end of that, later ones are the source's own.

    So with its first page, which is read while the app is imported: once that runs, a thread gets little done.

    Args:
        source: Which to open.
        changed: Told when it is open, or cannot be opened.
    """

    def __init__(self, source: Source, changed: threading.Condition) -> None:
        # From Python 3.12 on, `isinstance` of a protocol looks past `__getattr__`: what a source can beyond the
        # contract has to be found here.
        vars(self).update({name: getattr(source, name) for name in _methods(source) if name not in ("open", "page")})
        self._source = source
        self._changed = changed
        self._fresh = True
        self._page: Page | None = None
        self._has_read = threading.Event()
        self.is_open = False
        self.error: BaseException | None = None
        threading.Thread(target=self._begin, name="wftui-open", daemon=True).start()

    def open(self) -> None:
        """Connect; the first time, only wait for the outcome.

        Raises:
            TargetError: It cannot be reached or read.
        """
        if not self._fresh:
            self._source.open()
            return
        with self._changed:
            self._changed.wait_for(lambda: self.is_open or self.error is not None)
        self._fresh = False
        if self.error is not None:
            raise self.error

    def _begin(self) -> None:
        error: BaseException | None = None
        try:
            self._source.open()
        except BaseException as why:  # noqa: BLE001 - raised again by who waits, in a thread that tells it
            error = why
        with self._changed:
            self.error, self.is_open = error, error is None
            self._changed.notify_all()
        try:
            if error is None:
                self._page = self._source.page(None, FIRST_PAGE)
        except Exception:  # noqa: BLE001 - who asks for it asks the source itself then, and is told
            self._page = None
        finally:
            self._has_read.set()

    def page(self, cursor: str | None, limit: int) -> Page:
        """A page; the first one is there already, or on its way.

        Raises:
            TargetError: It cannot be read.
        """
        self._has_read.wait()
        page, self._page = self._page, None
        if page is None or cursor is not None or limit != FIRST_PAGE:
            return self._source.page(cursor, limit)
        return page

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)


def _methods(source: Source) -> list[str]:
    return [name for name in dir(source) if name[0] != "_" and callable(getattr(type(source), name, None))]
