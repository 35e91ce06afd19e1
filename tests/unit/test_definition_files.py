"""Definitions in files: found, bounded, read again as they change, and matched with runs."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest
from highway_dsl import Workflow, WorkflowBuilder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.highway_making import builders, laughs
from tests.unit.test_run_overlay import laid, recorded
from wftui.sources.absurd import definitions
from wftui.sources.absurd.definitions import Definitions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from wftui.sources.absurd.definition_match import Book, Known


class Looking:
    """Definitions that are looked at anew at each call."""

    def __init__(self, *paths: Path | str) -> None:
        self.now = 0.0
        self.of = Definitions([str(path) for path in paths], lambda: self.now)

    def __call__(self) -> Book:
        self.now += definitions.PAUSE
        return self.of.look()


def flow(name: str = "etl", version: str = "1.0", *names: str) -> Workflow:
    builder = WorkflowBuilder(name, version=version)
    for task in names or ("extract", "load"):
        builder.task(task, "f")
    return builder.build()


def problems(book: Book) -> dict[str, str]:
    return {os.path.basename(problem.path): problem.what for problem in book.problems}


def test_files_of_all_forms_are_found_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "a.yaml").write_text(flow("a").to_yaml())
    (tmp_path / "deep" / "b.yml").write_text(flow("b").to_yaml())
    (tmp_path / "deep" / "er" / "C.JSON").write_text(flow("c").to_json())
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "notes.txt").write_text("tasks: {}")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "d.yaml").write_text("tasks: [")
    (tmp_path / "deep" / "back").symlink_to(tmp_path)
    book = Looking(tmp_path)()
    assert sorted(known.definition.name for known in book.known) == ["a", "b", "c"]
    assert book.problems == ()


def test_broken_ones_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(flow().to_yaml())
    (tmp_path / "bad.yaml").write_text("tasks: [")
    (tmp_path / "bad.json").write_text('{"tasks": ')
    (tmp_path / "deep.json").write_text('{"tasks":' + "[" * 100_000)
    (tmp_path / "shape.yaml").write_text("tasks:\n  a: 3\n")
    (tmp_path / "latin.yaml").write_bytes(b"tasks: \xe9")
    (tmp_path / "named.json").write_text("{}")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    book = Looking(tmp_path, tmp_path / "named.json", tmp_path / "absent", tmp_path / "pipe.json")()
    assert [known.definition.name for known in book.known] == ["etl"]
    told = problems(book)
    assert told.keys() == {
        "bad.yaml", "bad.json", "deep.json", "shape.yaml", "latin.yaml", "named.json", "absent", "pipe.json",
        "gone.yaml",
    }  # fmt: skip
    assert told["absent"] == "cannot be read: no such file or directory"
    assert told["named.json"] == 'no Highway definition: it has no "tasks"'
    assert told["pipe.json"] == "neither a file nor a folder"
    assert all("\n" not in what for what in told.values())


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "MOST_BYTES", 2_000)
    monkeypatch.setattr(definitions, "MOST_FILES", 12)
    monkeypatch.setattr(definitions, "MOST_OPERATORS", 50)
    monkeypatch.setattr(definitions, "DEEPEST", 2)
    (tmp_path / "0large.yaml").write_text(flow().to_yaml() + "#" * 2_000)
    (tmp_path / "1bomb.yaml").write_text(laughs(4, 5))
    nested = tmp_path / "2" / "3" / "4"
    nested.mkdir(parents=True)
    for at in range(20):
        (tmp_path / f"f{at:02}.yaml").write_text(flow(f"w{at}").to_yaml() + "#" * 300)
    look = Looking(tmp_path)
    told = problems(look())
    assert told["0large.yaml"] == "larger than 0 MB"
    assert told["1bomb.yaml"] == "more than 50 operators"
    assert told["4"] == "not looked into: more than 2 folders deep"
    assert "more than 12 files" in told[tmp_path.name]
    assert "not read: the definitions are too large together" in told.values()
    assert 1 < len(look().known) < 10


def test_changed_files_are_read_again_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    real = definitions._known

    def known(path: str, *rest: Any, **named: Any) -> Known | None:
        reads.append(path)
        return real(path, *rest, **named)

    monkeypatch.setattr(definitions, "_known", known)
    one, other = tmp_path / "one.yaml", tmp_path / "other.json"
    one.write_text(flow("one").to_yaml())
    look = Looking(tmp_path)
    first = look()
    assert look() is first
    assert len(reads) == 1
    other.write_text(flow("other").to_json())
    assert [known.definition.name for known in look().known] == ["one", "other"]
    assert len(reads) == 2
    one.write_text("tasks: [")
    book = look()
    assert [known.definition.name for known in book.known] == ["one", "other"]
    assert problems(book)["one.yaml"].endswith("; what it held before is used")
    one.write_text(flow("one", "2.0").to_yaml())
    book = look()
    assert [known.version for known in book.known] == ["2.0", "1.0"]
    assert book.problems == ()
    one.unlink()
    assert [known.definition.name for known in look().known] == ["other"]


def test_between_looks_nothing_is_looked_at(tmp_path: Path) -> None:
    look = Looking(tmp_path)
    look()
    (tmp_path / "a.yaml").write_text(flow().to_yaml())
    assert look.of.look().known == ()
    assert len(look().known) == 1


def test_name_and_version(tmp_path: Path) -> None:
    for version in ("1.0", "1.9", "1.10", "2.0-rc1"):
        (tmp_path / f"{version}.yaml").write_text(flow("etl", version).to_yaml())
    (tmp_path / "unversioned.json").write_text('{"name": "bare", "tasks": {"a": {}}}')
    book = Looking(tmp_path)()

    def found(name: str, version: str | None) -> tuple[str, str] | None:
        match = book.find(name, version, None)
        return None if match is None else (match.known.version, match.doubt)

    assert found("etl", "1.9") == ("1.9", "")
    assert found("other", "1.9") is None
    assert found("etl", "1.2") == ("2.0-rc1", "there is no definition of etl 1.2: the newest is taken, 2.0-rc1")
    assert found("etl", None) == ("2.0-rc1", "the run has no version: the newest is taken, 2.0-rc1")
    # As the reference reads it.
    assert found("bare", Workflow(name="bare").version) == ("2.0.0", "")
    (tmp_path / "2.0-rc1.yaml").unlink()
    assert Looking(tmp_path)().find("etl", "3", None).known.version == "1.10"  # type: ignore[union-attr]


def test_several_of_one_version_are_told_unless_they_are_the_same(tmp_path: Path) -> None:
    same = flow()
    (tmp_path / "a.yaml").write_text(same.to_yaml())
    (tmp_path / "b.json").write_text(same.to_json())
    look = Looking(tmp_path)
    match = look().find("etl", "1.0", None)
    assert match is not None
    assert match.doubt == ""
    (tmp_path / "c.yaml").write_text(flow("etl", "1.0", "other").to_yaml())
    os.utime(tmp_path / "c.yaml", (4e9, 4e9))
    match = look().find("etl", "1.0", None)
    assert match is not None
    assert os.path.basename(match.known.path) == "c.yaml"
    assert match.doubt.startswith("3 definitions are etl 1.0 and differ (a.yaml, b.json, c.yaml)")


FORMS: dict[str, Callable[[Workflow, bytes], bytes]] = {
    "the file": lambda flow, data: data,
    "pydantic": lambda flow, data: flow.model_dump_json().encode(),
    "pydantic, indented": lambda flow, data: flow.to_json().encode(),
    "json.dumps": lambda flow, data: json.dumps(flow.model_dump(mode="json")).encode(),
    "json.dumps, sorted": lambda flow, data: json.dumps(flow.model_dump(mode="json"), sort_keys=True).encode(),
    "json.dumps, compact": lambda flow, data: json.dumps(
        flow.model_dump(mode="json"), sort_keys=True, separators=(",", ":")
    ).encode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("written", ["{}", "sha256:{}", "{:.16}"])
def test_hashes(tmp_path: Path, form: str, written: str) -> None:
    wanted = flow("etl", "1.0", "größe")
    path = tmp_path / "old.json"
    path.write_text(json.dumps(wanted.model_dump(mode="json"), indent=4) + "\n")
    (tmp_path / "new.json").write_text(flow("etl", "1.0", "other").to_json())
    os.utime(path, (1, 1))
    digest = written.format(hashlib.sha256(FORMS[form](wanted, path.read_bytes())).hexdigest().upper())
    match = Looking(tmp_path)().find("etl", "1.0", digest)
    assert match is not None
    assert (match.known.path, match.doubt) == (str(path), "")


def test_a_hash_of_another_name_is_told_and_an_unknown_one_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "etl.yaml"
    path.write_text(flow().to_yaml())
    book = Looking(tmp_path)()
    match = book.find("renamed", "7", hashlib.sha256(path.read_bytes()).hexdigest())
    assert match is not None
    assert match.doubt == "found by the hash, but it is that of etl 1.0"
    assert book.find("etl", "1.0", "0" * 64) == book.find("etl", "1.0", None)
    assert book.find("renamed", "7", "abc") is None


# -- whatever is in a file -----------------------------------------------------------------------------------


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A definition as highway_dsl writes it, with bytes or values of it changed."""
    builder = WorkflowBuilder("flow", version="1.0")
    made = draw(builders())(builder).build()
    if draw(st.booleans()):
        data = made.model_dump(mode="json")
        for _ in range(draw(st.integers(1, 3))):
            _change(data, draw)
        return "json", json.dumps(data).encode("utf-8", "surrogatepass")
    kind = draw(st.sampled_from(["json", "yaml"]))
    text = bytearray((made.to_json() if kind == "json" else made.to_yaml()).encode())
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(text) - 1))
        length = draw(st.integers(0, 40))
        text[at : at + length] = draw(st.binary(max_size=6) | st.sampled_from([b"[", b"{", b"*a", b"&a ", b"null"]))
        text = text or bytearray(b" ")
    return kind, bytes(text)


def _change(data: Any, draw: st.DrawFn) -> None:
    values: st.SearchStrategy[Any] = (
        st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just([]) | st.just([{}]) | st.just({})
    )
    while isinstance(data, dict | list) and data:
        where: Any = draw(st.sampled_from(sorted(data) if isinstance(data, dict) else range(len(data))))
        if not isinstance(data[where], dict | list) or not data[where] or draw(st.integers(0, 3)) == 0:
            data[where] = draw(values)
            return
        data = data[where]


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(mutated())
def test_any_file_is_a_definition_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, written: tuple[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("mutated")
    kind, data = written
    (folder / f"flow.{kind}").write_bytes(data)
    (folder / "good.yaml").write_text(flow("good").to_yaml())
    book = Looking(folder)()
    assert any(known.definition.name == "good" for known in book.known)
    for known in book.known:
        labels = [node.label for node in known.definition.raw.nodes][:5]
        found = laid(known, *(recorded(name) for name in labels))
        ids = [task.id for task in found.tasks]
        assert len(ids) == len(set(ids))
        assert {node.id for node in known.definition.raw.nodes} <= set(ids)
    assert all(problem.what and "\n" not in problem.what for problem in book.problems)
