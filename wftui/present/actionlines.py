"""What an action would do and what it did, as lines of plain text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.action import ActionKind
from wftui.present.listtable import shown_id
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.model.action import ActionOutcome, ActionPlan
    from wftui.present.glyphs import Glyphs
    from wftui.present.tables import Cell

DONE = {
    ActionKind.CANCEL: "canceled",
    ActionKind.RESUME: "resumed",
    ActionKind.DELETE: "deleted",
    ActionKind.EMIT: "emitted",
}
# So many tasks of one workflow are told one by one; more are counted.
TOLD = 100


def plan_lines(plan: ActionPlan, *, arm: bool) -> Iterator[list[Cell]]:
    """What would happen to one workflow: a line, then its tasks, and what is kept and runs again."""
    name = f" {visible(plan.name)}" if plan.name else ""
    status = f"{name} ({plan.status.value})" if plan.status else name
    yield [
        (shown_id(plan.key.id), "heading"),
        (f"{status} {visible(_would(plan, arm=arm))}", ""),
    ]
    for line in task_lines(plan):
        yield [("  ", ""), (visible(line), "")]
    for label, ids in (("checkpoints kept", plan.keeps), ("runs again", plan.runs_again)):
        if ids:
            yield [(f"  {label}: ", "muted"), (", ".join(map(visible, ids)), "")]


def plan_why(plan: ActionPlan, *, arm: bool) -> str:
    """The same in one text, raw: for the `why` of a dry run."""
    if not (plan.allowed or (arm and plan.arms)):
        return plan.why
    parts = [_would(plan, arm=arm), *task_lines(plan)]
    parts += [
        f"{label}: {', '.join(ids)}"
        for label, ids in (("checkpoints kept", plan.keeps), ("runs again", plan.runs_again))
        if ids
    ]
    return "; ".join(parts)


def _would(plan: ActionPlan, *, arm: bool) -> str:
    later = " once it runs" if arm and plan.arms else ""
    effects = f": {'; '.join(plan.effects)}" if plan.effects else ""
    if plan.kind is ActionKind.EMIT:
        return f"would be told{effects}"
    return f"would be {DONE[plan.kind]}{later}{effects}"


def task_lines(plan: ActionPlan) -> Iterator[str]:
    """What would happen to each task, raw: "load (RUNNING) is cancelled"; of very many the first."""
    for task in plan.tasks[:TOLD]:
        yield f"{task.name or task.id} ({task.status.value}) {task.what}"
    if len(plan.tasks) > TOLD:
        yield f"and {len(plan.tasks) - TOLD:,} more"


def outcome_line(outcome: ActionOutcome, glyphs: Glyphs) -> list[Cell]:
    """What was done to one workflow."""
    before = outcome.status_before.value if outcome.status_before else ""
    after = outcome.status_after.value if outcome.status_after else ""
    change = f"{before} -> {after}" if before and after and before != after else f"was {before}" if before else ""
    remark = "; ".join(part for part in (change, visible(outcome.why)) if part)
    return [
        (DONE[outcome.kind], outcome.status_after.value.lower() if outcome.status_after else ""),
        (f"  {shown_id(outcome.key.id)}", ""),
        (f"  {glyphs.dot} {remark}" if remark else "", "muted"),
    ]


def refusal(kind: ActionKind, workflow_id: str, why: str, *, arms: bool) -> str:
    """Why a workflow was not acted on, and what to do; raw."""
    hint = "; --wait arms the cancel and blocks until it has fired" if arms else ""
    return f"{workflow_id or repr(workflow_id)}: not {DONE[kind]}: {why}{hint}"
