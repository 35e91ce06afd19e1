"""Drawings as people see them. When one changes, look at it before it is put right here."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from itertools import pairwise

import pytest

from tests.unit.dag_making import drawn_by, graph, pairs, pen
from wftui.dag.cells import width_of
from wftui.dag.drawing import Drawing, draw, lay_out
from wftui.dag.picture import Folds, View
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status

FAN = "start>w1 start>w2 start>w3 start>w4 w1>end w2>end w3>end w4>end"
NESTED = graph(list("abcdefg"), pairs("a>b>g c>d e>f"), {"c": "b", "d": "b", "e": "d", "f": "d"})
MAPPED = graph(
    ["list", "map", "x0", "x1", "x2", "join", "report"],
    pairs("list>map>report x0>join x1>join x2>join"),
    dict.fromkeys(["x0", "x1", "x2", "join"], "map"),
)
RECURSION = graph(["fib_0", "fib_1", "fib_2"], [], {"fib_1": "fib_0", "fib_2": "fib_1"})

LANES: dict[str, tuple[Graph, str, str]] = {
    "chain": (
        drawn_by("a>b>c"),
        """
        ✔ a
        ✔ b
        ✔ c
        """,
        """
        * + a
        * + b
        * + c
        """,
    ),
    "diamond": (
        drawn_by("a>b a>c b>d c>d"),
        """
        ✔     a
        ├─✔─╮ b
        ╰─✔─┤ c
        ╭───╯
        ✔     d
        """,
        """
        *     + a
        +-*-. + b
        '-*-+ + c
        .---'
        *     + d
        """,
    ),
    "fan": (
        drawn_by(FAN),
        """
        ✔     start
        ├─✔─╮ w1
        ├─✔─┤ w2
        ├─✔─┤ w3
        ╰─✔─┤ w4
        ╭───╯
        ✔     end
        """,
        """
        *     + start
        +-*-. + w1
        +-*-+ + w2
        +-*-+ + w3
        '-*-+ + w4
        .---'
        *     + end
        """,
    ),
    "side branches": (
        drawn_by("s1>c1 s1>s2 s2>c2 s2>s3"),
        """
        ✔   s1
        ├─✔ c1
        ✔   s2
        ├─✔ c2
        ╰─✔ s3
        """,
        """
        *   + s1
        +-* + c1
        *   + s2
        +-* + c2
        '-* + s3
        """,
    ),
    "two of their own": (
        drawn_by("a>b x>y"),
        """
        ✔ a
        ✔ b

        ✔ x
        ✔ y
        """,
        """
        * + a
        * + b

        * + x
        * + y
        """,
    ),
    "crossing": (
        drawn_by("a>x a>y b>x b>y c>y"),
        """
        ✔─╮   a
        ✔─┤   b
          ├─✔ x
        ✔─┤   c
          ╰─✔ y
        """,
        """
        *-.   + a
        *-+   + b
          +-* + x
        *-+   + c
          '-* + y
        """,
    ),
    "continuation": (
        MAPPED,
        """
        ✔       list
        ✔╌╮     map
        │ ├╌✔─╮ x0
        │ ├╌✔─┤ x1
        │ ╰╌✔─┤ x2
        │ ╭───╯
        │ ✔     join
        ✔       report
        """,
        """
        *       + list
        *~.     + map
        | +~*-. + x0
        | +~*-+ + x1
        | '~*-+ + x2
        | .---'
        | *     + join
        *       + report
        """,
    ),
    "nested continuation": (
        NESTED,
        """
        ✔     a
        ✔╌╮   b
        │ ✔   c
        │ ✔   d
        │ ╰╌✔ e
        │   ✔ f
        ✔     g
        """,
        """
        *     + a
        *~.   + b
        | *   + c
        | *   + d
        | '~* + e
        |   * + f
        *     + g
        """,
    ),
    "recursion": (
        RECURSION,
        """
        ✔ fib_0
        ╎
        ✔ fib_1
        ╎
        ✔ fib_2
        """,
        """
        * + fib_0
        :
        * + fib_1
        :
        * + fib_2
        """,
    ),
}


def drawing(drawn: Graph, *, ascii_only: bool = False, view: View = View.LANES, width: int = 27) -> str:
    """Without times, because so narrow a picture has none."""
    return "\n".join(line.text for line in draw(drawn, pen(ascii_only), width, view, Folds(chains=False)).lines)


def dedent(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


@pytest.mark.parametrize("name", LANES)
def test_lanes(name: str) -> None:
    drawn, in_unicode, in_ascii = LANES[name]
    assert drawing(drawn) == dedent(in_unicode)
    assert drawing(drawn, ascii_only=True) == dedent(in_ascii)


def test_a_tree_tells_what_else_a_node_comes_after() -> None:
    drawn = drawn_by("load>clean load>scale clean>train scale>train train>report load>report")
    assert drawing(drawn, view=View.TREE, width=46) == dedent(
        """
        ✔   load                             2.0s
        ├─✔ clean                            2.0s
        ✔   scale                            2.0s
        ✔   train  also after: clean         2.0s
        ✔   report  also after: load         2.0s
        """
    )


def test_a_wide_picture_tells_times_and_what_is_not_well_in_words() -> None:
    drawn = graph(["a", "b", "c"], pairs("a>b>c"), statuses={"b": Status.FAILED, "c": Status.PENDING})
    assert drawing(drawn, width=60) == dedent(
        """
        ✔ a                2.0s
        ✘ b                2.0s  FAILED
        ◌ c                2.0s
        """
    )


def test_a_long_chain_is_one_line_and_what_failed_never_is() -> None:
    ids = [f"step[{at}]" for at in range(60)]
    chain = list(pairwise(ids))
    picture = draw(graph(ids, chain, statuses={"step[30]": Status.FAILED, "step[45]": Status.RUNNING}), pen(), 80)
    assert [line.text for line in picture.lines] == [
        "✔ step[0]          2.0s",
        "┆ ⟲ 29 folded: step[1..29]  all ✔   avg 2.0s",
        "✘ step[30]         2.0s  FAILED",
        "┆ ⟲ 14 folded: step[31..44]  all ✔   avg 2.0s",
        "▶ step[45]         2.0s  RUNNING",
        "┆ ⟲ 13 folded: step[46..58]  all ✔   avg 2.0s",
        "✔ step[59]         2.0s",
    ]
    assert picture.rows["step[10]"] == 1


def test_a_folded_sub_dag_says_what_is_in_it() -> None:
    statuses = {"x1": Status.FAILED, "join": Status.PENDING}
    nodes = tuple(GraphNode(n.id, n.label, statuses.get(n.id, n.status), "", n.parent) for n in MAPPED.nodes)
    picture = draw(Graph(nodes, MAPPED.edges), pen(), 60, folds=Folds(closed=frozenset({"map"})))
    assert [line.text for line in picture.lines] == ["✔ list", "✔ map  ▸ 4 folded: 1✘ 1◌ 2✔", "✔ report"]
    assert picture.rows["x1"] == 1


def test_too_many_lanes_give_the_tree_and_say_so() -> None:
    edges = [(f"n{at}", f"n{100 + at * by % 101}") for at in range(100) for by in (7, 13, 29)]
    wide = graph([f"n{at}" for at in range(201)], edges)
    assert draw(wide, pen(), 120, grouped=False).view is View.TREE
    asked = draw(wide, pen(), 120, View.LANES, grouped=False)
    assert asked.view is View.TREE
    assert any("more than 25 lanes" in note for note in asked.notes)


def test_live_updates_name_the_lines_that_changed() -> None:
    drawn = drawn_by("a>b>c")
    shown = Drawing(lay_out(drawn, pen(), 60), drawn, pen(), 60)
    later = GraphNode("b", "b", Status.FAILED, "9.0s")
    assert shown.update([drawn.nodes[0], later]) == [1]
    assert "FAILED" in shown.line(1).text
    assert shown.update([later]) == []


def test_huge_labels_and_wide_characters_keep_the_columns() -> None:
    labels = {"a": "x" * 10_000, "b": "日本" * 5_000, "c": "e\u0301" * 5_000, "d": "short"}
    picture = draw(graph(labels, pairs("a>b>c>d"), labels=labels), pen(), 60)
    ends = [width_of(line.text.split("2.0s")[0]) for line in picture.lines]
    assert len(set(ends)) == 1
    assert ends[0] <= 60
    assert picture.lines[3].text.startswith("✔ short")
    assert all("…" in line.text for line in picture.lines[:3])


def test_empty() -> None:
    assert draw(Graph((), ()), pen(), 80).lines == ()


def test_the_same_picture_whatever_the_hash_seed() -> None:
    program = (
        "from tests.unit.dag_making import graph, pen\n"
        "from wftui.dag.drawing import draw\nfrom wftui.dag.picture import View\n"
        "ids = [f'n{a}' for a in range(60)]\n"
        "edges = [(f'n{a}', f'n{b}') for a in range(60) for b in range(60) if a != b and (a * 7 + b * 13) % 41 == 0]\n"
        "parents = {f'n{a}': f'n{a - 1}' for a in range(40, 60)}\n"
        "for view in View:\n"
        "    p = draw(graph(ids, edges, parents), pen(), 100, view)\n"
        "    print(*(line.text for line in p.lines), *p.notes, sep='\\n')\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8", "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert outputs.pop()


def test_labels_go_before_lanes_unless_lanes_are_asked_for() -> None:
    names = [f"a_rather_long_name_{at}" for at in range(41)]
    edges = [(names[at], names[20 + at * by % 21]) for at in range(20) for by in (2, 5)]
    wide = graph(names, edges)
    assert draw(wide, pen(), 120).view is View.LANES
    assert draw(wide, pen(), 50).view is View.TREE
    assert draw(wide, pen(), 50, View.LANES).view is View.LANES
    assert draw(wide, pen(), 24, View.LANES).notes == ("more than 4 lanes would be needed here: this is the tree",)
