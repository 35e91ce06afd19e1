"""Highway definitions: the operators of a workflow, what they wait for, and what lies inside of them. Pure.

The format is that of `highway_dsl.Workflow` 2.2, whose parser is the reference of the tests. It is not used here: it
refuses what its own `to_yaml` writes for a condition without an else, and all that a later version adds; it walks a
part of a YAML file once for each place that shares it, without a bound; and it takes 0.3 s to import. What is read is
what makes the picture, all else is read over; an operator of an unknown type is drawn as a plain node.

Ids: an operator's is its key in `tasks`; inside a branch, which is a workflow of its own, it is "split/left/fetch".
The bodies of loops and the branches of parallel operators have that operator as their parent, so that no line leads
back: they hang below it, and what waits for it follows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wftui.errors import TargetError
from wftui.highway.operators import branch_words, detail_of, kind_of, result_named, rule_of, short, ways_of, word
from wftui.model.operator import Operator
from wftui.model.raw import Raw, RawNode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Operators at most, edges, and workflows inside each other: a few lines of YAML may stand for any number of them.
MOST = 200_000
MOST_EDGES = 1_000_000
DEEPEST = 50
# More conditions before one task than this are no branches of each other.
_DECIDERS = 20
_SHAPE = "a Highway definition has tasks, each under its id with operator_type and dependencies"


class Doubled(dict[Any, Any]):
    """A mapping of a file in which keys came twice: the last counts, and which ones it were is remembered."""

    __slots__ = ("twice",)

    def __init__(self, twice: tuple[str, ...]) -> None:
        super().__init__()
        self.twice = twice


@dataclass(frozen=True, slots=True)
class Definition:
    """A workflow definition.

    Attributes:
        name: The workflow's name; "" if it has none.
        version: Its version; "" if it has none.
        raw: Its operators as a graph.
        ways: Of an edge, from and to an operator, the ways that it stands for, as "true", "gold" or "on failure".
        flows: Of an operator with branches, by what each is called, the workflow that it is.
        rules: Of an operator the mode of its join, else its trigger rule, where the definition names one.
    """

    name: str
    version: str
    raw: Raw
    ways: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    flows: Mapping[str, Mapping[str, Flow]] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """A workflow inside an operator: a branch.

    Attributes:
        name: What it calls itself; "" if nothing.
        operators: The ids of its operators, those inside of them not counted.
    """

    name: str
    operators: frozenset[str]


def is_definition(data: object) -> bool:
    """Whether parsed JSON or YAML is meant as a Highway definition, well-formed or not."""
    return isinstance(data, dict) and "tasks" in data and "nodes" not in data


def read_definition(data: object) -> Definition:
    """The definition in what was parsed from JSON or YAML.

    Raises:
        TargetError: It is of another shape, or too large.
    """
    if not isinstance(data, dict):
        raise TargetError("this is no Highway definition", _SHAPE)
    reader = _Reader()
    reader.read(data, _Scope(""), 0)
    raw = reader.raw()
    return Definition(word(data.get("name")), word(data.get("version")), raw, reader.ways, reader.flows, reader.rules)


@dataclass(slots=True)
class _Scope:
    """One workflow: the definition itself, or a branch of an operator.

    Attributes:
        prefix: What its ids begin with.
        parent: The id of the operator that it is a branch of.
        above: The workflow around it.
        operators: By their names.
        kinds: What each of them is.
        loops: The name of the innermost loop that an operator is in the body of.
        branches: By the name of an operator the workflows inside of it.
        inner: The workflow inside that an operator is of; None where several have one of that name.
        results: By the result that an operator gives its name.
    """

    prefix: str
    parent: str | None = None
    above: _Scope | None = None
    operators: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    kinds: dict[str, Operator | None] = field(default_factory=dict)
    loops: dict[str, str] = field(default_factory=dict)
    branches: dict[str, list[_Scope]] = field(default_factory=dict)
    inner: dict[str, _Scope | None] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    _waits: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def id_of(self, name: str) -> str:
        """The id of an operator: of this workflow, else of one of its branches, else of one around it."""
        if name in self.operators:
            return self.prefix + name
        inner = self.inner.get(name)
        if inner is not None:
            return inner.prefix + name
        above = self.above
        while above is not None and name not in above.operators:
            above = above.above
        return (self if above is None else above).prefix + name

    def ids(self) -> list[str]:
        """The operators that are not in a loop."""
        return [self.prefix + name for name in self.operators if name not in self.loops]

    def waits(self, name: str) -> tuple[str, ...]:
        """The dependencies of an operator."""
        found = self._waits.get(name)
        if found is None:
            found = self._waits[name] = _names(self.operators.get(name, {}), "dependencies", name)
        return found

    def forks(self, name: str) -> tuple[str, ...]:
        """The operators whose branches a task waits for: the one whose result it names, else its dependencies."""
        operator = self.operators[name]
        if self.kinds[name] is not Operator.JOIN or "join_tasks" in operator:
            return ()
        fork = self.results.get(result_named(operator))
        return tuple(other for other in (self.waits(name) if fork is None else (fork,)) if other in self.branches)


class _Reader:
    def __init__(self) -> None:
        self._nodes: list[RawNode] = []
        self._edges: dict[tuple[str, str], None] = {}
        self._left = MOST_EDGES
        self._led_to: set[str] = set()
        self._leading: set[str] = set()
        self._ways: dict[str, dict[str, list[str]]] = {}
        self.ways: dict[tuple[str, str], list[str]] = {}
        self.flows: dict[str, dict[str, Flow]] = {}
        self.rules: dict[str, str] = {}

    def raw(self) -> Raw:
        """What was read."""
        for node in self._nodes:
            if node.id in self._ways:
                node.branch = _told(self._ways[node.id])
        return Raw(self._nodes, list(self._edges))

    def read(self, data: Mapping[str, Any], scope: _Scope, depth: int) -> None:
        """Read one workflow, and those inside of it."""
        if depth > DEEPEST:
            raise TargetError(f"more than {DEEPEST} workflows are inside each other", "draw an inner one by itself")
        tasks = data.get("tasks")
        if not isinstance(tasks, dict):
            raise TargetError('"tasks" is no mapping of ids to operators', _SHAPE)
        self._collect(tasks, scope)
        for name, operator in scope.operators.items():
            self._add(name, operator, scope)
            self._inside(name, operator, scope, depth)
        for name in tasks.twice if isinstance(tasks, Doubled) else ():
            self._nodes.append(RawNode(scope.prefix + name, name, parent=scope.parent))
        for name, operator in scope.operators.items():
            self._connect(name, operator, scope)

    def _collect(self, tasks: Mapping[object, object], scope: _Scope) -> None:
        """The operators of a workflow. Those of a loop's body stand beside the loop as well, or in it alone."""
        sizes: dict[str, int] = {}
        todo: list[tuple[str, object, str]] = [(word(name), task, "") for name, task in tasks.items()]
        for name, operator, loop in todo:  # it grows while it is walked
            if not isinstance(operator, dict):
                raise TargetError(f"task {short(name)!r} is no mapping", _SHAPE)
            if loop and loop != name and sizes[loop] < sizes.get(scope.loops.get(name, ""), MOST):
                scope.loops[name] = loop  # the innermost one: an outer body lists what is in inner ones, too
            if name in scope.operators:
                continue
            if len(self._nodes) + len(scope.operators) >= MOST or len(todo) > 2 * MOST:
                raise TargetError(f"the definition has more than {MOST:,} operators", "draw a part of it")
            scope.operators[name] = operator
            scope.kinds[name] = kind_of(operator)
            body = operator.get("loop_body") or []
            if not isinstance(body, list) or not all(isinstance(member, dict) for member in body):
                raise TargetError(f'"loop_body" of {short(name)!r} is no list of operators', _SHAPE)
            sizes[name] = len(body)
            todo += [(word(member.get("task_id")), member, name) for member in body]
        _without_circles(scope.loops)

    def _add(self, name: str, operator: Mapping[str, Any], scope: _Scope) -> None:
        kind = scope.kinds[name]
        loop = scope.loops.get(name)
        parent = scope.parent if loop is None else scope.prefix + loop
        own = scope.prefix + name
        self._nodes.append(RawNode(own, name, kind=kind, detail=detail_of(kind, operator), parent=parent))
        if rule := rule_of(operator):
            self.rules[own] = rule
        children = operator.get("children")
        if kind is Operator.CHILD and isinstance(children, dict) and len(children) > 1:
            for key, child in children.items():
                flow = word(child.get("workflow_name")) if isinstance(child, dict) else ""
                self._nodes.append(RawNode(f"{own}/{word(key)}", flow, kind=kind, branch=word(key), parent=own))

    def _inside(self, name: str, operator: Mapping[str, Any], scope: _Scope, depth: int) -> None:
        """The workflows inside an operator."""
        flows = operator.get("branch_workflows") or {}
        if not isinstance(flows, dict) or not all(isinstance(flow, dict) for flow in flows.values()):
            raise TargetError(f'"branch_workflows" of {short(name)!r} is no mapping of workflows', _SHAPE)
        words = branch_words(operator)
        for key, flow in flows.items():
            branch = word(key)
            inner = _Scope(f"{scope.prefix}{name}/{branch}/", scope.prefix + name, scope)
            self.read(flow, inner, depth + 1)
            ids = frozenset(inner.prefix + other for other in inner.operators)
            self.flows.setdefault(scope.prefix + name, {})[branch] = Flow(word(flow.get("name")), ids)
            scope.branches.setdefault(name, []).append(inner)
            scope.inner.update((other, None if other in scope.inner else inner) for other in inner.operators)
            if isinstance(operator.get("result_key"), str):
                scope.results[operator["result_key"]] = name
            for first in inner.ids():
                if first not in self._led_to:
                    self._way(first, words.get(branch, branch), name)

    def _connect(self, name: str, operator: Mapping[str, Any], scope: _Scope) -> None:
        own = scope.prefix + name
        over = self._over(name, scope)
        for source in (*scope.waits(name), *_names(operator, "join_tasks", name)):
            if source not in over:
                self._edge(scope.id_of(source), own)
        for fork in scope.forks(name):
            for inner in scope.branches[fork]:
                for end in inner.ids():
                    if end not in self._leading:
                        self._edge(end, own)
        for way, target in ways_of(operator):
            there = scope.id_of(target)
            self._edge(own, there, leads=way != "on failure")
            self._way(there, way, name)
            self.ways.setdefault((own, there), []).append(way)

    def _over(self, name: str, scope: _Scope) -> set[str]:
        """Of what an operator waits for, what other lines tell as well.

        The builder makes everything in a branch of a condition wait for the condition, too, and the first operator of
        a loop's body for the loop; a task that waits for the branches of a parallel operator names that operator.
        """
        waits = scope.waits(name)
        deciders = [
            other
            for other in waits
            if scope.kinds.get(other) is Operator.CONDITION
            and all(target != name for _, target in ways_of(scope.operators[other]))
        ]
        over = {
            decider
            for decider in (deciders if len(deciders) <= _DECIDERS else ())
            for other in waits
            if other != decider and decider in scope.waits(other)
        }
        return {*over, *scope.forks(name), scope.loops.get(name, "")}

    def _edge(self, source: str, target: str, *, leads: bool = True) -> None:
        self._left -= 1
        if self._left < 0:
            raise TargetError(f"the definition has more than {MOST_EDGES:,} edges", "draw a part of it")
        self._edges[source, target] = None
        self._led_to.add(target)
        if leads:
            self._leading.add(source)

    def _way(self, target: str, way: str, source: str) -> None:
        self._ways.setdefault(target, {}).setdefault(source, []).append(way)


def _names(operator: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    names = operator.get(key) or []
    if not isinstance(names, list) or not all(isinstance(other, str) for other in names):
        raise TargetError(f'"{key}" of {short(name)!r} is no list of ids', _SHAPE)
    return tuple(dict.fromkeys(names))


def _without_circles(loops: dict[str, str]) -> None:
    """Loops in each other's bodies, as only a mistake makes them: one of them comes out."""
    sound: set[str] = set()
    for name in list(loops):
        trail: dict[str, None] = {}
        at = name
        while at in loops and at not in sound:
            if at in trail:
                del loops[at]
                break
            trail[at] = None
            at = loops[at]
        sound.update(trail)


def _told(ways: Mapping[str, list[str]]) -> str:
    """The ways to an operator in words: which case; where several operators lead to it also whose."""
    words = {source: short("|".join(dict.fromkeys(named))) for source, named in ways.items()}
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return short(", ".join(f"{source} {named}" for source, named in words.items()))
