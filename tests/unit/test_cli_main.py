"""The dispatch, in this process and as a real one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.unit.commanding import Commands
from tests.unit.making import detail
from wftui import __version__
from wftui.cli.main import COMMANDS, split_command
from wftui.cli.options import Parser, add_common
from wftui.sources import registry
from wftui.sources.ray.engine import ENGINE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("argv", "word", "rest"),
    [
        ([], None, []),
        (["ls"], "ls", []),
        (["./ls"], None, ["./ls"]),
        (["-t", "ls"], None, ["-t", "ls"]),
        (["--", "ls"], None, ["--", "ls"]),
        (["--target", "x", "ls", "--json"], "ls", ["--target", "x", "--json"]),
        (["--target=x", "--no-color", "show", "ls"], "show", ["--target=x", "--no-color", "ls"]),
        (["--poll", "2", "watch"], "watch", ["--poll", "2"]),
        (["dir", "ls"], None, ["dir", "ls"]),
    ],
)
def test_a_command_word_wins_over_a_target_of_that_name(argv: list[str], word: str | None, rest: list[str]) -> None:
    assert split_command(argv) == (word, rest)


def test_every_command_has_a_help_with_examples(wftui: Commands) -> None:
    for word in COMMANDS:
        result = wftui(word, "--help")
        assert result.code == 0, word
        assert result.err == ""
        assert result.out.startswith(f"usage: wftui {word}")
        assert "exit codes" in result.out, word
        assert max(map(len, result.lines)) <= 120, word


def test_the_help_knows_every_command_and_every_option(wftui: Commands) -> None:
    result = wftui("--help")
    assert result.code == 0
    assert wftui("-t", "x", "-h").out == result.out
    for word, (_, what) in COMMANDS.items():
        assert re.search(rf"^  {word} +{re.escape(what)}$", result.out, re.MULTILINE)
    assert len(re.findall(r"^  [a-z]+ {2,8}[a-z]", result.out.split("targets:")[0], re.MULTILINE)) == len(COMMANDS)
    parser = Parser("wftui", "")
    add_common(parser, draws=True)
    options = {option for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", parser.format_help()) if option != "-"}
    for option in options:
        assert option in result.out
    assert max(map(len, result.lines)) <= 80


def test_version(wftui: Commands) -> None:
    assert wftui("--version") == (0, f"wftui {__version__}\n", "")
    assert wftui("ls", "--version").out == f"wftui {__version__}\n"
    wftui.source("fake", [detail("--version")])
    assert "SUCCESSFUL" in wftui("show", "--", "--version").out


@pytest.mark.parametrize(
    "argv",
    [
        ["ls", "--nonsense"],
        ["ls", "--limit", "-1"],
        ["ls", "--poll", "0"],
        ["ls", "--stat", "failed"],
        ["ls", "-t"],
        ["watch", "a", "b"],
        ["watch", "--", "a", "b"],
        ["demo", "absurd"],
        ["demo", "other"],
        ["demo", "-t", "x"],
        ["ls", "-t", "no such target"],
        ["no such target"],
        ["nonsense\x1b[31m\n"],
    ],
)
def test_a_wrong_command_line_is_one_harmless_line_and_exit_2(wftui: Commands, argv: list[str]) -> None:
    wftui.source("fake", [detail("a")])
    result = wftui(*argv)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("wftui: ")
    assert result.err.count("\n") == 1
    assert "\x1b" not in result.err
    assert "\x00" not in result.err
    assert "␀" not in result.err


def test_a_mistyped_command_is_guessed(wftui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wftui.cli.monitor.require_terminal", lambda: None)
    monkeypatch.setattr(registry, "engines", lambda: (ENGINE,))
    result = wftui("resme")
    assert result.code == 3
    assert "did you mean wftui resume?" in result.err


def test_the_monitor_needs_a_terminal_and_says_what_does_not(wftui: Commands) -> None:
    wftui.source("fake", [])
    result = wftui()
    assert result.code == 2
    assert "wftui ls" in result.err


def test_no_target_at_all_says_what_to_pass(wftui: Commands) -> None:
    result = wftui("ls")
    assert result.code == 2
    assert "WFTUI_TARGET" in result.err
    assert result.err.count("\n") == 1


def test_the_order_in_which_a_target_is_looked_for(wftui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    for target in ("given", "environment", "found"):
        wftui.source(target, [detail(target, target=target)])
    wftui.engine.default = "found"
    assert "found" in wftui("ls").out
    monkeypatch.setenv("WFTUI_TARGET", "environment")
    assert "environment" in wftui("ls").out
    assert "environment" not in wftui("ls", "-t", "given").out


def test_options_reach_the_source(wftui: Commands) -> None:
    wftui.source("fake", [])
    wftui("ls", "--poll", "2.5", "--interval", "3", "--read-only")
    (options,) = wftui.engine.made
    assert (options.poll, options.interval, options.read_only) == (2.5, 3.0, True)


def test_definitions_of_all_places_reach_the_source(wftui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    wftui.source("fake", [])
    monkeypatch.setenv("WFTUI_DEFINITIONS", os.pathsep.join(("c", "a")))
    wftui("--definitions", "a", "ls", "--definitions", "b")
    assert wftui.engine.made[0].definitions == ("a", "b", "c")


def test_a_defect_is_one_line(wftui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    wftui.source("fake", [detail("a")]).changes = None  # type: ignore[assignment,method-assign] # calling it fails
    result = wftui("ls")
    assert result.code == 3
    assert result.err.startswith("wftui: internal error: TypeError")
    assert result.err.count("\n") == 1
    monkeypatch.setenv("WFTUI_DEBUG", "1")
    with pytest.raises(TypeError):
        wftui("ls")


# -- as a process ------------------------------------------------------------------------------------------------


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    """A storage with nothing but an index: what Ray leaves of workflows whose folders were removed."""
    return make_storage(tmp_path / "storage", [f"good.{n}" for n in range(3)])


def make_storage(place: Path, good: list[str]) -> Path:
    index = place / "workflows" / "__status__"
    for status, ids in {"FAILED": ["bad"], "SUCCESSFUL": good}.items():
        (index / status).mkdir(parents=True)
        for workflow_id in ids:
            (index / status / workflow_id).touch()
    (place / "_valid").touch()
    return place


def run(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("WFTUI_", "RAY_"))}
    command = [sys.executable, "-m", "wftui", *argv]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**plain, **env}, stdin=subprocess.DEVNULL
    )


def test_a_process_that_lists_a_directory(storage: Path) -> None:
    result = run("ls", str(storage), "--quick", "--limit", "2", "--json")
    assert result.returncode == 0
    assert '"id": "bad"' in result.stdout
    assert run("ls", "-t", str(storage / "nowhere")).returncode == 3
    assert run("show", "x", "-t", str(storage)).returncode == 4
    assert run("cancel", "bad", "-t", str(storage), "--yes").returncode == 5
    assert run("ls", WFTUI_TARGET=str(storage)).returncode == 0


def test_the_same_directory_twice_is_one_target(storage: Path) -> None:
    (storage.parent / "link").symlink_to(storage)
    twice = run("ls", "-t", str(storage), "-t", f"{storage}/", "-t", str(storage.parent / "link"), "--limit", "2")
    assert twice.returncode == 0
    assert "TARGET" not in twice.stdout


@pytest.mark.parametrize("inside", ["_valid/", "workflows/", "__status__/", "workflows/__status__/FAILED/"])
def test_a_storage_without_workflows_is_an_empty_list(tmp_path: Path, inside: str) -> None:
    (tmp_path / inside).mkdir(parents=True)
    result = run("ls", str(tmp_path), "--json")
    assert (result.returncode, result.stdout, result.stderr) == (0, "[]\n", "")


def test_a_directory_that_is_no_storage(tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "nowhere"):
        result = run("ls", str(target), "--json")
        assert (result.returncode, result.stdout) == (3, "")
        assert result.stderr.count("\n") == 1


def test_a_change_of_a_directory_is_a_line(tmp_path: Path) -> None:
    index = tmp_path / "workflows" / "__status__"
    for status in ("RUNNING", "SUCCESSFUL"):
        (index / status).mkdir(parents=True)
    (index / "RUNNING" / "a").touch()
    (index / "SUCCESSFUL" / "done").touch()
    command = [sys.executable, "-m", "wftui", "watch", "--json", "-t", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None

        def line() -> tuple[str, str, str]:
            found = json.loads(process.stdout.readline() if process.stdout else "")
            return found["change"], found["id"], found["status"]

        assert {line(), line()} == {("listed", "a", "RUNNING"), ("listed", "done", "SUCCESSFUL")}
        (index / "SUCCESSFUL" / "a").touch()
        (index / "RUNNING" / "a").unlink()
        while (seen := line()) != ("updated", "a", "SUCCESSFUL"):
            assert seen[:2] == ("updated", "a")
        (index / "RUNNING" / "b").touch()
        assert line() == ("added", "b", "RUNNING")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


def test_a_wait_for_a_directory(tmp_path: Path) -> None:
    index = tmp_path / "workflows" / "__status__"
    for status in ("RUNNING", "FAILED"):
        (index / status).mkdir(parents=True)
    (index / "RUNNING" / "a").touch()
    late = run("wait", "a", "-t", str(tmp_path), "--timeout", "0.3")
    assert late.returncode == 1
    assert "still RUNNING as recorded" in late.stderr
    command = [sys.executable, "-m", "wftui", "wait", "a", "-t", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        (index / "FAILED" / "a").touch()
        (index / "RUNNING" / "a").unlink()
        assert process.wait(60) == 1


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    # More than a pipe holds, so that writing goes on when nobody reads any more.
    storage = make_storage(tmp_path, [f"{n:0200}" for n in range(600)])
    command = [sys.executable, "-m", "wftui", "ls", "--quick", "-t", str(storage)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a full device")
@pytest.mark.parametrize("command", [["ls", "--quick"], ["--help"]])
def test_a_full_disk_is_one_line(storage: Path, command: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wftui", "-t", str(storage), *command],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
        )
    assert done.returncode == 3
    assert done.stderr == "wftui: No space left on device\n"


def test_a_watch_that_nobody_reads_ends(storage: Path) -> None:
    command = [sys.executable, "-m", "wftui", "watch", "--json", "-t", str(storage), "--poll", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0


def test_an_interrupt(storage: Path) -> None:
    command = [sys.executable, "-m", "wftui", "watch", "-t", str(storage)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b""
        assert process.wait(60) == 130


def test_an_interrupt_at_the_very_end_is_no_traceback() -> None:
    code = """
import atexit, os, signal, sys
from wftui.__main__ import main
atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
sys.argv = ["wftui", "--version"]
sys.exit(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert (done.stderr, done.returncode) == (b"", -signal.SIGINT)  # in a shell: 130


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_does_not_speak_utf8_gets_ascii(storage: Path, encoding: str) -> None:
    (storage / "workflows" / "__status__" / "FAILED" / "ünï-日本").touch()
    result = run("ls", "--quick", "--limit", "3", "-t", str(storage), PYTHONIOENCODING=encoding)
    assert result.returncode == 0
    assert result.stdout.isascii()
    assert "X FAILED" in result.stdout
