"""What hostile data makes the real program write to a real terminal: nothing but what the program itself writes.

Ids, task ids, metadata, errors, status words, file names and the target hold escapes of every kind. The app is walked
through in a pseudo-terminal, and every command is run in one; each sequence in the bytes that come out must be of a
form that Textual, or the command, writes by itself, and no text may hold a character that acts or hides.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import re
import sys
import time
import unicodedata
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.sources.storage_making import NOW, MadeStorage

POISON = (
    "\x1b]52;c;UE9JU09O\x07",  # the clipboard
    "\x1b]8;;http:--poison\x1b\\POISON",  # a link
    "\x1b]0;POISON\x07",  # the title
    "\x1bPqPOISON\x1b\\",  # a device control string
    "\x1b_GPOISON\x1b\\",  # a picture
    "\x1b[38;5;199mPOISON\x1b[5m",  # colour, blinking
    "\x1b[77;77HPOISON\x1b[77S\x1b[?47h\x1bc\x1b(0",  # the cursor, scrolling, another screen, a reset, line drawing
    "\x9b38;5;199mPOISON\x9d0;POISON\x9c\x90q\x9c",  # the same in one byte
    "a\nPOISON\r\x08\x08\x7f\tb\x0b\x0c\x07\x05\x0e",
    "\u202ePOISON\u202c\u2066x\u2069\u200f\u061c",  # backwards
    "\u200b\ufeffPOI\u2060SON\U000e0041\ufff9\u2028\u2029\u180e",  # unseen
    "[bold red]POISON[/] [link=http:--x]y[/link] [@click=app.quit]z[/] :boom: \\[x]",
    "é\u0301\u0301\u0301🏳️\u200d🌈 POISON 漢字",
    os.fsdecode(b"POISON \xff\xfe"),
)
ALL = " ".join(POISON)[:4000]
_SEQUENCE = re.compile(r"\x1b(?:\[([0-?]*)([ -/]*[@-~])|([\]P_^X])(.*?)(?:\x07|\x1b\\)|([ -/]*[0-~]))", re.DOTALL)
# What Textual sets and asks: cursor, screens, mouse, pasting, focus, synchronised output, Kitty's keys, sizes.
_MODES = {"1", "25", "1000", "1002", "1003", "1004", "1006", "1015", "1016", "1049", "2004", "2026", "2048", "7"}


@pytest.fixture
def storage(tmp_path: Path) -> MadeStorage:
    made = MadeStorage(tmp_path / "POISON \x1b]0;POISON\x07 [red]x[/] \u202e")
    for at, poison in enumerate(POISON):
        name = poison.replace("/", "-")
        metadata = {poison.encode("utf-8", "replace").decode(): ALL.encode("utf-8", "replace").decode(), "at": at}
        made.workflow(name, "FAILED" if at % 2 else "SUCCESSFUL", start=NOW, end=NOW + at, **metadata)
        _tasks(made, name, poison)
    made.workflow("POISON-all", "FAILED", start=NOW, end=NOW + 1, **{f"k{n}{p}"[:60]: p for n, p in _texts()})
    made.entry("POISON-all", "last")
    previous: list[str] = []
    for _, poison in _texts():
        task_id = poison.replace("/", "-")
        made.task("POISON-all", task_id, upstream=previous[-2:], start=NOW, end=NOW + 1, output={poison: [poison]})
        made.write(
            f"POISON-all/tasks/{task_id}/user_task_metadata.json", {poison: ALL.encode(errors="replace").decode()}
        )
        made.write(f"POISON-all/tasks/{task_id}/args.pkl", pickle.dumps([b"__RAY_DUMMY__", poison, poison, b"\x1b]0;"]))
        previous.append(task_id)
    made.task("POISON-all", "last", upstream=[*previous, ALL], start=NOW, raised=RuntimeError(ALL, *POISON))
    for poison in POISON:
        name = poison.replace("/", "-")
        made.write(f"__status__/{name}/x", b"")
        made.write(f"{name} has no entry/workflow_meta.json", {"status": "FAILED"})
    made.write("\x1b[31mdirty/workflow_meta.json", {"status": ALL.encode(errors="replace").decode()})
    made.write("__status__/dirty/\x1b[31mdirty", b"")
    return made


def _texts() -> list[tuple[int, str]]:
    return [(n, p) for n, p in enumerate(POISON) if p.isprintable() or p.encode("utf-8", "replace").decode() == p]


def _tasks(made: MadeStorage, name: str, poison: str) -> None:
    made.entry(name, "b")
    made.task(name, name, start=NOW, end=NOW + 1, output=1)
    made.task(
        name,
        "b",
        upstream=[name],
        start=NOW,
        raised=ValueError(poison),
    )


def harmful(written: str, *, app: bool) -> list[str]:
    """Every sequence and character that the program would not write by itself."""
    found: list[str] = []
    position = 0
    text: list[str] = []
    for match in _SEQUENCE.finditer(written):
        text.append(written[position : match.start()])
        position = match.end()
        parameters, final, kind, payload, other = match.groups()
        if final == "m":
            is_ours = "38;5" not in parameters and "48;5" not in parameters and "5" not in _single(parameters)
        elif not app:
            is_ours = False
        elif final is not None:
            is_ours = _is_ours(parameters, final)
        elif kind == "]" and re.fullmatch("22;[a-z]+", payload):  # the shape of the mouse's pointer
            is_ours = True
        elif kind == "]" and payload.startswith("52;c;"):
            is_ours = base64.b64decode(payload[5:]).decode("utf-8", "replace") != "POISON"  # the id that was copied
        else:
            is_ours = other in ("7", "8", "=", ">")
        if not is_ours:
            found.append(repr(match[0]))
    text.append(written[position:])
    for char in "".join(text):
        category = unicodedata.category(char)
        if char not in "\r\n" and (category in ("Cc", "Cs", "Co", "Zl", "Zp") or (category == "Cf" and char != "\xad")):
            found.append(repr(char))
    return sorted(set(found))


def _single(parameters: str) -> list[str]:
    """The attributes, without the numbers of true colours."""
    return re.sub(r"[34]8;2;\d+;\d+;\d+", "", parameters).split(";")


def _is_ours(parameters: str, final: str) -> bool:
    if final in "hl":
        return set(parameters.lstrip("?").split(";")) <= _MODES
    if final == "H":
        return parameters != "77;77"
    return final in ("J", "K", "n", "c", "u", "$p", "A", "B", "C", "D", "G", "t", "q", " q")


def drain(terminal: Terminal) -> None:
    """Read until the program has nothing to do, or only the cursor of a line blinks."""
    until = time.monotonic() + 20.0
    quiet, before = 0, -1
    while quiet < 2 and time.monotonic() < until:
        wrote = terminal.read(0.05)
        works, spent = _work(terminal.process.pid)
        quiet = 0 if wrote or works or spent > before + _IDLE else quiet + 1
        before = spent


_IDLE = 1
"""Ticks of CPU in a moment that are no work: clocks go on."""


def _work(pid: int) -> tuple[bool, int]:
    """Whether a thread of the process runs or would like to, and how much CPU all took so far, in ticks."""
    works, spent = False, 0
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            state, *numbers = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended since
        works = works or state in "RD"
        spent += int(numbers[10]) + int(numbers[11])
    return works, spent


WALK = (
    "/POISON-all", "\r", "\r", "g", "j", "l", "l", "M", "v", "v", "v", "x", "z", "t", "m", "e", "\x1b", "\x1b",
    "j", "j", "j", "\r", "t", "j", "j", "V", "\r", "V", "j", "j", "\x1b", "m", "j", "\r",
    "\x1b[F", "e", "j", "\x1b[F", "g",
    "w", "j", "l", "j", "z", "x", "f", "f", "f", "f", "v", "v", "v", "M", "L", "/POISON", "\r", "\r", "\x1b", "w",
    "\x1b", "y", "s", "\x1b", "C", " ", "j", " ", "\t", "\r", "\x1b", "!", "\x1b[F", "\x1b", "?", "\x1b",
    "\x10", "POI", "\x1b",
    "S", "/POISON\x1b", "G", "\r", "g", "t", "m", "e", "\x1b", "/at=1", "\r", "\x1b", " ", "*", "c", "D", "\x1b",
)  # fmt: skip


# What tells that each part was looked at: tabs, dialogs, toasts.
SEEN = (
    "User metadata",
    "Problems",
    "Keys",
    "copied",
    "secrets in metadata are",
    "Upstream",
    "Arguments and output",
    "RuntimeError",
    "─",
)


@pytest.mark.parametrize("size", [(150, 45), (80, 24)])
def test_the_app_writes_nothing_that_came_from_data(storage: MadeStorage, size: tuple[int, int]) -> None:
    command = [sys.executable, "-m", "wftui", "-t", str(storage.path)]
    seen = ""
    with Terminal(command, columns=size[0], rows=size[1], env=environment()) as terminal:
        terminal.until("POISON")
        for keys in WALK:
            terminal.press(keys)
            drain(terminal)
            assert terminal.process.poll() is None, (keys, terminal.text)
            seen += terminal.text
        terminal.press("\x1b")
        drain(terminal)
        terminal.press("q")
        terminal.wait()
        written = terminal.written.decode("utf-8")
    # In a small terminal some keys are for the list only, and the walk passes these parts by.
    assert not [part for part in (SEEN if size[0] > 100 else SEEN[:1]) if part not in seen]
    assert not harmful(written, app=True)


async def test_the_check_finds_each_of_them() -> None:
    for poison in POISON[:11]:
        assert harmful(f"text {poison} more", app=True), poison


COMMANDS = (
    ["ls"], ["ls", "--json"], ["show", "--all"], ["show", "--all", "--values"], ["show", "--all", "--json", "--values"],
    ["show", "POISON-all", "--values"], ["dag", "POISON-all"], ["dag", "POISON-all", "--view", "layers"],
    ["dag", "POISON-all", "--view", "tree"], ["dag", "POISON-all", "--ascii"], ["show", ALL[:300]],
    ["wait", "POISON-all"], ["cancel", POISON[0]], ["delete", "--yes", POISON[9]], ["resume", "--dry-run", POISON[11]],
    ["ls", "--status", POISON[2]], ["ls", "--since", POISON[5]], ["-t", POISON[2]], ["ls", "-t", "x" + POISON[0]],
    ["ls", "--" + POISON[0]],
)  # fmt: skip


@pytest.mark.parametrize(
    "command", COMMANDS, ids=lambda words: " ".join(words)[:30].encode("ascii", "replace").decode()
)
def test_no_command_writes_what_came_from_data(storage: MadeStorage, command: list[str]) -> None:
    words = [sys.executable, "-m", "wftui", *command]
    if "-t" not in command:
        words += ["-t", str(storage.path)]
    with Terminal(words, columns=120, rows=40, env=environment()) as terminal:
        terminal.wait()
        written = terminal.written.decode("utf-8")
    assert written
    assert "Traceback" not in written
    assert not harmful(written, app=False)
    if command[0] == "show" and "--json" in command:  # `ls` tells its problems on stderr, which is the same terminal
        json.loads(written)


@pytest.mark.parametrize("kind", ["json", "dot", "mmd", "bad"])
def test_draw_writes_nothing_that_came_from_its_file(tmp_path: Path, kind: str) -> None:
    name = "POISON " + "".join(poison for poison in POISON[:12]).replace("\n", " ").replace('"', "")
    file = tmp_path / f"x\x1b]0;POISON\x07.{kind}"
    content = {
        "json": json.dumps({"nodes": [{"id": name, "label": name, "status": name}], "edges": []}),
        "dot": f'digraph {{ "{name}" -> "b" }}',
        "mmd": f'flowchart LR\n  a["{name}"] --> b',
        "bad": name,
    }[kind]
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    with Terminal([sys.executable, "-m", "wftui", "draw", str(file)], env=environment()) as terminal:
        terminal.wait()
        written = terminal.written.decode("utf-8")
    assert written
    assert not harmful(written, app=False)


def environment() -> dict[str, str]:
    """Colours on, text in UTF-8, nothing found by itself."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("WFTUI", "RAY", "NO_COLOR"))}
    return {**env, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
