"""The operators of a Highway definition, one by one: what each is about, and which ways lead on from it.

Values are what JSON or YAML gave, of any type: what is not as it should be is left out, as it is no part of the shape.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wftui.model.operator import Operator

if TYPE_CHECKING:
    from collections.abc import Mapping

# The task that waits for branches which a parallel operator started.
WAITS_FOR_BRANCHES = "tools.workflow.wait_for_parallel_branches"
# Of texts that are beside the name; longer ones would hide it.
_MOST = 40
_LARGEST = 10**18
_RESULT = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_ISO = re.compile(
    r"P(?:(?P<w>[\d.]+)W)?(?:(?P<d>[\d.]+)D)?(?:T(?:(?P<h>[\d.]+)H)?(?:(?P<m>[\d.]+)M)?(?:(?P<s>[\d.]+)S)?)?", re.ASCII
)
_KINDS = {kind.value: kind for kind in Operator} | {"multi-choice": Operator.CHOICE}
_UNITS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}


def kind_of(operator: Mapping[str, Any]) -> Operator | None:
    """What an operator is; None for a type that is not known."""
    if operator.get("function") == WAITS_FOR_BRANCHES:
        return Operator.JOIN
    return _KINDS.get(word(operator.get("operator_type")))


def detail_of(kind: Operator | None, operator: Mapping[str, Any]) -> str:
    """What an operator is about, in a few words: the time it waits, its event, its condition; "" for nothing."""
    told = _about(kind, operator)
    rule = operator.get("trigger_rule")
    if isinstance(rule, str) and rule != "all_success":
        told = f"{told} {rule}".strip()
    return told


def rule_of(operator: Mapping[str, Any]) -> str:
    """When an operator begins, by what it waits for: the mode of a join, else a trigger rule; "" for the usual one."""
    if "join_tasks" in operator:
        return word(operator.get("join_mode"))
    rule = word(operator.get("trigger_rule"))
    return "" if rule == "all_success" else rule


def _about(kind: Operator | None, operator: Mapping[str, Any]) -> str:
    if kind in _TOLD:
        return short(bare(word(operator.get(_TOLD[kind]))))
    if kind is Operator.WAIT:
        return short(span(operator.get("wait_for")))
    if kind is Operator.AWAIT:
        within = span(operator.get("timeout_seconds"))
        return short(word(operator.get("event_name"))) + (f" within {within}" if within else "")
    if kind is Operator.JOIN:
        return short(word(operator.get("join_mode"))) if "join_tasks" in operator else "branches"
    if kind is Operator.CHILD:
        children = operator.get("children")
        flows = list(children.values()) if isinstance(children, dict) else []
        if len(flows) == 1:
            return short(word(flows[0].get("workflow_name"))) if isinstance(flows[0], dict) else ""
        return f"{len(flows)} workflows"
    return short(word(operator.get("operator_type"))) if kind is None else ""


_TOLD = {
    Operator.CONDITION: "condition",
    Operator.SWITCH: "switch_on",
    Operator.FOREACH: "items",
    Operator.WHILE: "condition",
    Operator.EMIT: "event_name",
    Operator.TERMINATE: "status",
}


def ways_of(operator: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The ways that lead on from an operator by its own choice: the word for each, and the name of its target."""
    ways: list[tuple[str, object]] = []
    if "if_true" in operator or "if_false" in operator:
        ways += [("true", operator.get("if_true")), ("false", operator.get("if_false"))]
    cases = operator.get("cases")
    if isinstance(cases, dict):
        ways += [(word(case), target) for case, target in cases.items()]
        ways.append(("default", operator.get("default")))
    branches = operator.get("branches")
    if isinstance(branches, dict) and not operator.get("branch_workflows"):
        # Definitions of the first version: the branches stand beside the operator.
        ways += [(word(name), names[0]) for name, names in branches.items() if isinstance(names, list) and names]
    ways += [("on success", operator.get("on_success_task_id")), ("on failure", operator.get("on_failure_task_id"))]
    return [(way, target) for way, target in ways if isinstance(target, str) and target]


def branch_words(operator: Mapping[str, Any]) -> dict[str, str]:
    """What the branches of a choice are called: their names with the conditions under which they are taken."""
    branches = operator.get("branches")
    words: dict[str, str] = {}
    for name, branch in branches.items() if isinstance(branches, dict) else ():
        condition = branch.get("condition") if isinstance(branch, dict) else None
        words[word(name)] = word(name) if condition is None else f"{word(name)} if {bare(word(condition))}"
    return words


def result_named(operator: Mapping[str, Any]) -> str:
    """The result that the first argument of a task names: of `["{{split_data}}"]` it is "split_data"."""
    args = operator.get("args")
    match = _RESULT.fullmatch(word(args[0]).strip()) if isinstance(args, list) and args else None
    return match.group(1) if match else ""


def word(value: object) -> str:
    """A scalar as a text, as the file had it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > _LARGEST:
        return "a large number"
    return str(value) if isinstance(value, str | int | float) else ""


def bare(template: str) -> str:
    """A template without its braces: "{{stock}} > 0" is "stock > 0"."""
    return _RESULT.sub(r"\1", template[:400])


def short(text: str) -> str:
    """At most so much of a text as a picture has room for."""
    return text if len(text) <= _MOST else text[: _MOST - 2] + ".."


def span(value: object) -> str:
    """A time to wait: "2h" for ISO 8601 and for seconds; a date, or what it is computed from, as it is written."""
    text = word(value).strip().removeprefix("duration:").removeprefix("datetime:")
    seconds = _seconds(text)
    if seconds is None:
        return bare(text)
    if seconds < 60:
        return f"{seconds:g}s"
    left, told = round(seconds), ""
    for unit in "dhms":
        count, left = divmod(left, _UNITS[unit])
        if count:
            told += f"{count}{unit}"
    return told


def _seconds(text: str) -> float | None:
    if len(text) > _MOST:
        return None
    match = _ISO.fullmatch(text)
    parts = {unit: part for unit, part in match.groupdict().items() if part} if match else {"s": text}
    try:
        seconds = sum(float(part) * _UNITS[unit] for unit, part in parts.items())
    except ValueError:
        return None
    return seconds if parts and 0 <= seconds < _LARGEST else None
