"""`wftui draw`, and `wftui dag --view layers`: the drawings that people see."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks import families
from tests.unit.commanding import Commands
from tests.unit.making import START, detail, task

if TYPE_CHECKING:
    from pathlib import Path

STATES = {"fct_orders": "RUNNING", "mart_sales": "PENDING", "mart_mkt": "PENDING", "publish": "PENDING"}
SECONDS = {
    "start": 0.0, "ext_orders": 63.0, "ext_products": 12.0, "ext_fx": 2.0, "ext_customers": 19.0, "stg_orders": 42.0,
    "stg_products": 8.0, "stg_fx": 1.0, "stg_customers": 8.0, "fct_orders": 38.0,
}  # fmt: skip
ETL = """start>ext_orders start>ext_products start>ext_fx start>ext_customers ext_orders>stg_orders
ext_products>stg_products ext_fx>stg_fx ext_customers>stg_customers stg_orders>fct_orders stg_products>fct_orders
stg_fx>fct_orders stg_customers>fct_orders fct_orders>mart_sales fct_orders>mart_mkt stg_customers>mart_mkt
mart_sales>publish mart_mkt>publish"""


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


def written(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def etl_json() -> str:
    graph = families.named(ETL)
    nodes = [
        {"id": node.id, "status": STATES.get(node.id, "SUCCESSFUL"), "duration": SECONDS.get(node.id)}
        for node in graph.nodes
    ]
    return json.dumps({"nodes": nodes, "edges": graph.edges})


def as_json(family: families.Family) -> str:
    n, edges = family
    nodes = [{"id": str(i), "label": families.label(i)} for i in range(n)]
    return json.dumps({"nodes": nodes, "edges": [[str(a), str(b)] for a, b in edges]})


def test_a_pipeline(wftui: Commands, tmp_path: Path) -> None:
    assert wftui("draw", written(tmp_path / "etl.json", etl_json())).out == (
        """\
             ┌─✔ ext_orders    1m03──✔ stg_orders      42s─┬───┬─▶ fct_orders  38s─┬───◌ mart_sales─┬─◌ publish
✔ start  0ms─┼─✔ ext_products   12s──✔ stg_products   8.0s─┤ ┌─┘                   └─┬─◌ mart_mkt───┘
             ├─✔ ext_fx        2.0s──✔ stg_fx         1.0s─┘ │                       │
             └─✔ ext_customers  19s──✔ stg_customers  8.0s───┴───────────────────────┘
"""
    )


def test_a_pipeline_in_ascii(wftui: Commands, tmp_path: Path) -> None:
    graph = families.named(ETL)
    text = json.dumps({"nodes": [{"id": node.id} for node in graph.nodes], "edges": graph.edges})
    result = wftui("draw", "--ascii", written(tmp_path / "etl.json", text))
    assert result.out == (
        """\
      +-ext_orders-----stg_orders----+---+-fct_orders-+---mart_sales-+-publish
start-+-ext_products---stg_products--+ +-+            +-+-mart_mkt---+
      +-ext_fx---------stg_fx--------+ |                |
      +-ext_customers--stg_customers---+----------------+
"""
    )


def test_large_graphs_are_grouped(wftui: Commands, tmp_path: Path) -> None:
    nodes = [{"id": "plan", "status": "SUCCESSFUL", "duration": 2}, {"id": "audit", "status": "RUNNING"}]
    edges = [["plan", "audit"]]
    for name, done in (("extract", 812), ("transform", 633), ("load", 204)):
        states = ["SUCCESSFUL"] * done + ["PENDING"] * (1000 - done)
        nodes += [{"id": f"{name}_{i}", "status": state} for i, state in enumerate(states)]
    for i in range(1000):
        edges += [["plan", f"extract_{i}"], [f"extract_{i}", f"transform_{i}"], [f"transform_{i}", f"load_{i}"]]
        edges.append([f"load_{i}", f"merge_{i % 300}"])
    for i in range(300):
        nodes.append({"id": f"merge_{i}", "status": "PENDING"})
        edges.append(["audit", f"merge_{i}"])
    text = json.dumps({"nodes": nodes, "edges": edges})
    assert wftui("draw", written(tmp_path / "big.json", text)).out == (
        """\
✔ plan  2.0s─┬─▶ audit────────────────────────────────────────────────────────────────────────┬─⊞ merge ×300 ▱▱▱▱▱ 0
             └─⊞ extract ×1000 ▰▰▰▰▱ 812──⊞ transform ×1000 ▰▰▰▱▱ 633──⊞ load ×1000 ▰▱▱▱▱ 204─┘
"""
    )


def test_layout_json_keeps_the_contract(wftui: Commands, tmp_path: Path) -> None:
    family = families.etl(200)
    made = wftui("draw", "--layout-json", written(tmp_path / "g.json", as_json(family))).json
    assert list(made) == ["width", "height", "nodes", "layers", "edges", "crossings"]
    n, edges = family
    assert sorted(made["nodes"], key=int) == [str(i) for i in range(n)]
    assert [(edge["from"], edge["to"]) for edge in made["edges"]] == [(str(a), str(b)) for a, b in edges]
    assert sorted(name for layer in made["layers"] for name in layer) == sorted(made["nodes"])
    for layer in made["layers"]:
        assert len({made["nodes"][name]["x"] for name in layer}) == 1
    assert all(set(place) == {"x", "y", "w"} for place in made["nodes"].values())
    assert made["crossings"] > 0


def big() -> dict[str, Any]:
    names = ["plan", *(f"part_{i}" for i in range(300)), "sum"]
    edges = [["plan", name] for name in names[1:-1]] + [[name, "sum"] for name in names[1:-1]]
    return {"nodes": [{"id": name} for name in names], "edges": edges + edges[:5]}


def test_layout_json_is_of_everything_unless_groups_or_a_view_are_asked_for(wftui: Commands, tmp_path: Path) -> None:
    file = written(tmp_path / "g.json", json.dumps(big()))
    full = wftui("draw", "--layout-json", "--width", "20", file).json
    assert (len(full["nodes"]), len(full["edges"]), "members" in full) == (302, 600, False)
    for asked in (["--group"], ["--view", "layers"], ["--view", "auto"], ["--view", "layers", "--group"]):
        made = wftui("draw", "--layout-json", *asked, file).json
        assert list(made["nodes"]) == ["plan", "part_0", "sum"]
        assert made["layers"] == [["plan"], ["part_0"], ["sum"]]
        assert [(edge["from"], edge["to"]) for edge in made["edges"]] == [("plan", "part_0"), ("part_0", "sum")]
        assert made["members"] == {"part_0": [f"part_{i}" for i in range(300)]}
    assert wftui("draw", "--layout-json", "--view", "layers", "--no-group", file).json == full
    assert wftui("draw", "--layout-json", "--no-group", file).json == full


@pytest.mark.parametrize("view", ["lanes", "tree"])
def test_layout_json_tells_layers_only(wftui: Commands, tmp_path: Path, view: str) -> None:
    result = wftui("draw", "--layout-json", "--view", view, written(tmp_path / "x.dot", "digraph { a -> b }"))
    assert (result.code, result.out) == (2, "")
    assert f"{view} has none" in result.err


@pytest.mark.parametrize("more", [[], ["--group"], ["--view", "layers"]])
@pytest.mark.parametrize("text", ["digraph { a -> b -> c -> a }", "digraph { a -> a; a -> b }"])
def test_a_cycle_has_no_layout(wftui: Commands, tmp_path: Path, text: str, more: list[str]) -> None:
    result = wftui("draw", "--layout-json", *more, written(tmp_path / "x.dot", text))
    assert (result.code, result.out) == (3, "")
    assert "not a DAG as it stands: a cycle: a >" in result.err


def test_a_self_loop_is_told_and_the_rest_drawn(wftui: Commands, tmp_path: Path) -> None:
    result = wftui("draw", written(tmp_path / "x.dot", "digraph { a -> a; a -> b }"))
    assert (result.code, result.out) == (0, "a──b\n")
    assert "a cycle: a > a; the edge a > a is not drawn" in result.err


def test_huge_labels_are_cut_in_pictures_and_in_what_is_told(wftui: Commands, tmp_path: Path) -> None:
    long = "x" * 10_000
    result = wftui("draw", written(tmp_path / "x.json", json.dumps({"nodes": [{"id": long}], "edges": [[long, long]]})))
    assert result.code == 0
    assert len(result.out) + len(result.err) < 1_000
    assert wftui("draw", "--view", "lanes", "--width", "50", str(tmp_path / "x.json")).lines[0][-1] == "…"


def test_dot_from_standard_input(wftui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"digraph { a -> b; a -> c; b -> d; c -> d }"))
    monkeypatch.setattr("sys.stdin", stdin)
    assert wftui("draw", "-").out == "a─┬─b─┬─d\n  └─c─┘\n"


def test_mermaid(wftui: Commands, tmp_path: Path) -> None:
    assert wftui("draw", written(tmp_path / "x.mmd", "flowchart TD\n A[one] --> B[two]\n")).out == "one──two\n"


def test_other_views(wftui: Commands, tmp_path: Path) -> None:
    file = written(tmp_path / "x.dot", "digraph { a -> b }")
    assert wftui("draw", "--view", "tree", file).out == "● a\n● b\n"
    assert wftui("draw", "--view", "auto", "--width", "120", file).out == "a──b\n"
    assert max(map(len, wftui("draw", "--view", "lanes", "--width", "20", file).lines)) <= 20


@pytest.mark.parametrize(
    ("text", "told", "layout_fails"),
    [
        ("digraph { a -> b -> a }", "a cycle: a > b > a", True),
        ('{"nodes":[{"id":"a"},{"id":"a"}],"edges":[]}', "a is there twice", True),
        ('{"nodes":[{"id":"a"}],"edges":[["gone","a"]]}', "gone is waited for but missing", True),
        ("digraph {}", "the graph is empty", False),
    ],
)
def test_graphs_that_are_not_right(wftui: Commands, tmp_path: Path, text: str, told: str, layout_fails: bool) -> None:
    file = written(tmp_path / "x", text)
    result = wftui("draw", file)
    assert (result.code, told in result.err) == (0, True)
    result = wftui("draw", "--layout-json", file)
    assert result.code == (3 if layout_fails else 0)
    assert (told in result.err) == layout_fails
    assert bool(result.out) != layout_fails


def test_what_cannot_be_read(wftui: Commands, tmp_path: Path) -> None:
    assert wftui("draw", str(tmp_path / "nothing")).code == 3
    assert wftui("draw", written(tmp_path / "x.txt", "hello")).code == 3
    assert wftui("draw").code == 2


def test_foreign_text_is_harmless(wftui: Commands, tmp_path: Path) -> None:
    text = json.dumps(
        {"nodes": [{"id": "a", "label": "x\x1b[31m\n\u202ey"}, {"id": "b\x07"}], "edges": [["a", "b\x07"]]}
    )
    out = wftui("draw", written(tmp_path / "x.json", text)).out
    assert out == "x␛[31m␊\\u202ey──b␇\n"


def test_a_workflow_in_layers_with_its_critical_path(wftui: Commands) -> None:
    waits = {"a": (2, ()), "b": (5, ("a",)), "c": (1, ("a",)), "d": (1, ("b", "c"))}
    tasks = [
        task(name, upstream=upstream, started_at=START, ended_at=START + seconds)
        for name, (seconds, upstream) in waits.items()
    ]
    wftui.source("one", [detail("flow", tasks=tasks)])
    result = wftui("dag", "flow", "--view", "layers")
    assert result.lines[:2] == ["✔ a  2.0s━┯━✔ b  5.0s━┯━✔ d  1.0s", "          └─✔ c  1.0s─┘"]
    assert wftui("dag", "flow", "--width", "120").out == result.out
    assert wftui("dag", "flow", "--width", "80").out != result.out
