"""Asks for the name of a file, and writes lines to it: never over another file without asking."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Static

from wftui.present.text import visible
from wftui.screens.dialog import Dialog
from wftui.widgets.tones import WARNING, toned

if TYPE_CHECKING:
    from textual.app import ComposeResult


def write_file(path: Path, text: str, *, over: bool) -> None:
    """Write a whole file, or none: where something fails, nothing is left of it and what was there stays.

    Args:
        path: Where to.
        text: What.
        over: Whether it may take the place of another file.

    Raises:
        FileExistsError: There is one, and it may not.
        OSError: It cannot be written.
    """
    data = text.encode("utf-8", "surrogateescape")
    if not over:
        with path.open("xb") as file:
            try:
                file.write(data)
                file.flush()
            except OSError:
                path.unlink(missing_ok=True)
                raise
        return
    path = path.resolve()
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
    number, beside = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        Path(beside).chmod(stat.S_IMODE(status.st_mode))
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


class SaveScreen(Dialog[str]):
    """A name, and what is wrong with it. Gives the path that was written; None for none.

    Args:
        name: The name that is offered.
        text: What is written.
        what: What that is, in words.
    """

    DEFAULT_CSS = """
    SaveScreen {
        #what, #trouble { height: auto; }
        Input { margin: 1 0; }
        #buttons { height: auto; margin-top: 1; }
        #buttons Button { margin-right: 2; }
    }
    """

    class Written(Message):
        """It is done, or why not."""

        def __init__(self, path: str, error: OSError | None) -> None:
            super().__init__()
            self.path = path
            self.error = error

    def __init__(self, name: str, text: str, what: str) -> None:
        super().__init__()
        self._offered = name
        self._text = text
        self._what = what
        self._asked_over = ""

    def compose(self) -> ComposeResult:
        """What, where to, what is wrong."""
        with Vertical(classes="box"):
            yield Static(toned("Save what was printed", "strong"), classes="title")
            yield Static(toned(self._what, "muted"), id="what")
            yield Input(self._offered, placeholder="a file", id="path", compact=True)
            yield Static("", id="trouble", markup=False)
            with Horizontal(id="buttons"):
                yield Button("Save", id="save", variant="primary")
                yield Button("Close", id="close")

    def on_mount(self) -> None:
        """Type a name."""
        line = self.query_one(Input)
        line.cursor_blink = False
        line.focus()

    def on_input_changed(self) -> None:
        """Another name is another question."""
        self._asked_over = ""
        self.query_one("#trouble", Static).update("")
        self.query_one("#save", Button).label = "Save"

    def on_input_submitted(self) -> None:
        """Write it."""
        self._save()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Write it, or leave."""
        if event.button.id == "save":
            self._save()
        else:
            self.dismiss(None)

    def on_save_screen_written(self, message: Written) -> None:
        """Leave, or tell what is wrong."""
        if message.error is None:
            self.dismiss(message.path)
            return
        if isinstance(message.error, FileExistsError):
            self._asked_over = message.path
            self.query_one("#save", Button).label = "Overwrite"
            self._trouble(f"{visible(message.path)} is there already: enter again overwrites it")
        else:
            self._trouble(
                f"cannot write {visible(message.path)}: {visible(message.error.strerror or str(message.error))}"
            )

    # -- inside ----------------------------------------------------------------------------------------------

    def _save(self) -> None:
        typed = self.query_one(Input).value.strip()
        if not typed:
            self._trouble("the file has no name")
            return
        try:
            path = Path(typed).expanduser().absolute()
        except RuntimeError as unknown:  # ~somebody, who is not there
            self._trouble(visible(str(unknown)))
            return
        self._write(str(path))

    # A disk may take its time, or hang.
    @work(thread=True, exclusive=True, group="save", exit_on_error=False, description="save output")
    def _write(self, path: str) -> None:
        error: OSError | None = None
        try:
            if Path(path).is_dir():
                raise IsADirectoryError(errno.EISDIR, "it is a folder", path)
            write_file(Path(path), self._text, over=path == self._asked_over)
        except (OSError, ValueError) as why:  # a ValueError: a name that no file can have
            error = why if isinstance(why, OSError) else OSError(errno.EINVAL, str(why), path)
        self.post_message(self.Written(path, error))

    def _trouble(self, text: str) -> None:
        self.query_one("#trouble", Static).update(toned(f"{WARNING} {text}", "warning"))
