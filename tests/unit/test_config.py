"""The environment, the locale and the user's keys."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from wftui.cli.main import main
from wftui.config import from_environment, read_keymap, speaks_utf8
from wftui.errors import TargetError
from wftui.paths import config_dir, state_dir
from wftui.sources import registry

if TYPE_CHECKING:
    from pathlib import Path

    from wftui.sources.base import SourceOptions


@pytest.mark.parametrize(
    ("value", "is_on"), [("1", True), ("true", True), ("yes", True), ("0", False), ("", False), ("False", False)]
)
def test_switches(value: str, is_on: bool) -> None:
    assert from_environment({"WFTUI_READ_ONLY": value}).read_only is is_on
    assert from_environment({"WFTUI_NO_OBSERVER": value}).no_observer is is_on


@pytest.mark.parametrize("words", [["ls", "--no-observer"], ["--no-observer", "ls"]])
def test_an_observer_is_left_out_by_an_option_before_or_after_the_command(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[SourceOptions] = []

    def create(target: str, options: SourceOptions) -> None:
        seen.append(options)
        raise TargetError("not here")

    monkeypatch.delenv("WFTUI_NO_OBSERVER", raising=False)
    monkeypatch.setattr(registry, "make_source", create)
    main(["ls", "-t", "127.0.0.1:1"])
    main([*words, "-t", "127.0.0.1:1"])
    assert [options.observer for options in seen] == [True, False]


def test_an_empty_environment_sets_nothing() -> None:
    settings = from_environment({})
    assert (settings.target, settings.read_only, settings.no_color, settings.dumb) == (None, False, False, False)
    assert from_environment({"WFTUI_TARGET": ""}).target is None
    assert from_environment({"WFTUI_DEFINITIONS": ""}).definitions == ()
    assert from_environment({"WFTUI_DEFINITIONS": os.pathsep.join(("a b", "", "c"))}).definitions == ("a b", "c")
    assert from_environment({"NO_COLOR": ""}).no_color is False
    assert from_environment({"NO_COLOR": "0"}).no_color is True


@pytest.mark.parametrize(
    ("encoding", "environ", "speaks"),
    [
        ("utf-8", {}, True),
        ("UTF8", {"LC_ALL": "de_DE.UTF-8"}, True),
        ("iso8859-1", {}, False),
        ("ANSI_X3.4-1968", {}, False),
        (None, {}, False),
        ("utf-8", {"LC_ALL": "C"}, False),
        ("utf-8", {"LC_ALL": "C", "PYTHONUTF8": "1"}, True),
        ("utf-8", {"LANG": "C"}, True),
    ],
)
def test_what_takes_glyphs(encoding: str | None, environ: dict[str, str], speaks: bool) -> None:
    assert speaks_utf8(encoding, environ) is speaks


def test_directories_follow_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/maria")
    assert config_dir({"XDG_CONFIG_HOME": "/etc/conf"}) == "/etc/conf/wftui"
    assert config_dir({"XDG_CONFIG_HOME": "relative"}) == "/home/maria/.config/wftui"
    assert state_dir({}) == "/home/maria/.local/state/wftui"


def test_the_key_map(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    assert read_keymap(str(file)) == {}
    file.write_text(json.dumps({"main.cancel": "x"}))
    assert read_keymap(str(file)) == {"main.cancel": "x"}


@pytest.mark.parametrize("content", ["{", "[]", '{"main.cancel": 1}', '{"main.cancel": ""}', "\udcff"])
def test_a_broken_key_map_is_an_error_that_names_the_file(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=r"keys\.json"):
        read_keymap(str(file))


def test_a_key_map_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot read"):
        read_keymap(str(tmp_path))
