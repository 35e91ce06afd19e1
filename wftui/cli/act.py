"""What `cancel`, `resume` and `delete` share: find, plan, ask, do, report."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftui.cli import listing
from wftui.cli.options import EXIT_CODES, add_json
from wftui.cli.output import Output, message, prompt
from wftui.cli.targets import is_read_only, locate, opened
from wftui.errors import EXIT_NO, EXIT_NOT_FOUND, EXIT_OK, EXIT_REFUSED, RefusedError, UsageError
from wftui.model.action import NOTHING, ActionKind, ActionOutcome, ActionPlan, Given
from wftui.model.status import Status
from wftui.model.workflow import WorkflowKey
from wftui.monitor.audit import AuditFile
from wftui.monitor.deeds import Doer
from wftui.present.actionlines import DONE, outcome_line, plan_lines, plan_why, refusal
from wftui.present.jsonview import outcome_json, plan_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from wftui.sources.base import Source

RULES = f"""\
Each status is read afresh just before, and what cannot be done is refused with the reason. Without --yes it asks on a
terminal, and refuses elsewhere. With several ids the exit code is 4 when one does not exist, else 0 when all were done,
1 when some were, 5 when none was.

{EXIT_CODES}"""
_BETWEEN = 0.5


@dataclass(frozen=True, slots=True)
class Item:
    """One workflow to act on. `source` is None when the id is nowhere."""

    id: str
    source: Source | None
    status: Status | None = None


def add_action_arguments(parser: argparse.ArgumentParser, *, ids: bool = True) -> None:
    """Add what all of them take; `ids` where it is any number of workflows."""
    if ids:
        parser.add_argument("ids", nargs="*", default=[], metavar="ID", help="which workflows")
    parser.add_argument("--yes", action="store_true", help="do it without asking")
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
    add_json(parser)


def run_action(
    args: argparse.Namespace,
    kind: ActionKind,
    *,
    every: frozenset[Status] = frozenset(),
    arm: bool = False,
    given: Given = NOTHING,
) -> int:
    """Do it to `args.ids`, or to every workflow with one of the statuses `every`, with what was `given` for it.

    Raises:
        RefusedError: Read-only, or not confirmed.
        UsageError: No id is given, or one is in two targets.
        TargetError: A target cannot be reached or read.
    """
    if not args.ids and not every:
        raise UsageError("no id is given", f"say which workflows to {kind.value}: see wftui ls")
    if is_read_only(args):
        raise RefusedError(f"read-only: nothing can be {DONE[kind]}", "leave out --read-only or WFTUI_READ_ONLY")
    can_ask = sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()
    if not (args.yes or args.dry_run or can_ask):
        raise RefusedError(
            f"not confirmed: nothing was {DONE[kind]}", "give --yes, or --dry-run to see what it would do"
        )
    with opened(args) as sources:
        items = _every(sources, every, kind) if every else _chosen(sources, args.ids)
        job = _Job(kind, Output(args), as_json=args.json, arm=arm, given=given)
        if args.dry_run:
            return job.tell_plans(items)
        if not args.yes:
            items = job.confirmed(items)
        return job.do(items)


def _chosen(sources: Sequence[Source], ids: Sequence[str]) -> list[Item]:
    ids = list(dict.fromkeys(ids))
    if len(sources) == 1 and sources[0].actions is not None:
        return [Item(workflow_id, sources[0]) for workflow_id in ids]  # the action itself reads afresh
    located = locate(sources, ids)
    items = []
    for workflow_id in ids:
        source, row = located.rows.get(workflow_id, (None, None))
        items.append(Item(workflow_id, source, row.status if row else None))
    return items


def _every(sources: Sequence[Source], statuses: frozenset[Status], kind: ActionKind) -> list[Item]:
    if not any(source.actions is not None and kind in source.actions.kinds for source in sources):
        raise RefusedError(_cannot(kind, sources[0]), "give the cluster as target")
    owners = {source.info.target: source for source in sources}
    found = listing.read_list(sources, listing.Wanted(statuses), quick=True)
    return [Item(row.key.id, owners[row.key.target], row.status) for row in found.rows]


def _cannot(kind: ActionKind, source: Source) -> str:
    return f"{source.info.target} is a {source.info.kind}: nothing in it can be {DONE[kind]}"


class _Job:
    """One action on several workflows."""

    def __init__(self, kind: ActionKind, out: Output, *, as_json: bool, arm: bool, given: Given) -> None:
        self._kind = kind
        self._out = out
        self._as_json = as_json
        self._arm = arm
        self._given = given
        self._doer = Doer(AuditFile(os.environ), message)

    def plan(self, item: Item) -> ActionPlan:
        """What would happen to one."""
        source = item.source
        if source is None:
            return ActionPlan(_nowhere(item.id), self._kind, False, None, "there is no such workflow")
        actions = source.actions
        if actions is None:
            key = WorkflowKey(source.info.target, source.info.engine, None, item.id)
            return ActionPlan(key, self._kind, False, item.status, f"{_cannot(self._kind, source)}; give the cluster")
        plan = actions.plan(self._kind, item.id, self._given)
        if self._kind not in actions.kinds:
            return replace(plan, allowed=False, why=plan.why or _cannot(self._kind, source))
        return plan

    def tell_plans(self, items: Sequence[Item]) -> int:
        """Say what would happen. Returns the exit code that doing it would have, as far as can be told."""
        plans = [self.plan(item) for item in items]
        if self._as_json:
            self._out.json([plan_json(plan, plan_why(plan, arm=self._arm)) for plan in plans])
        for plan in plans:
            if not self._allows(plan):
                message(refusal(self._kind, plan.key.id, plan.why, arms=plan.arms))
            elif not self._as_json:
                self._out.table(plan_lines(plan, arm=self._arm))
        return _exit_code([self._allows(plan) for plan in plans], any(plan.status is None for plan in plans))

    def confirmed(self, items: Sequence[Item]) -> list[Item]:
        """Ask about what can be done; what cannot goes on to be refused.

        Raises:
            RefusedError: The answer was not yes.
        """
        plans = [self.plan(item) for item in items]
        allowed = [plan for plan in plans if self._allows(plan)]
        if allowed:
            for plan in allowed:
                for line in plan_lines(plan, arm=self._arm):
                    prompt("".join(text for text, _ in line) + "\n")
            what = "it" if len(allowed) == 1 else f"these {len(allowed)} workflows"
            prompt(f"{self._kind.value} {what}? [y/N] ")
            if sys.stdin.readline().strip().lower() not in ("y", "yes"):
                raise RefusedError(f"not confirmed: nothing was {DONE[self._kind]}")
        return list(items)

    def do(self, items: Sequence[Item]) -> int:
        """Do it, one by one, and report each. Returns the exit code."""
        outcomes: list[ActionOutcome] = []
        armed: list[Item] = []
        try:
            for item in items:
                outcome = self._act(item)
                if outcome.armed:
                    armed.append(item)
                    message(f"{item.id}: {outcome.why}; Ctrl-C takes it back")
                else:
                    self._report(outcome, outcomes)
            self._wait_for(armed, outcomes)
        finally:
            if self._as_json:
                self._out.json([outcome_json(outcome) for outcome in outcomes])
        return _exit_code([outcome.done for outcome in outcomes], any(outcome.not_found for outcome in outcomes))

    def _act(self, item: Item) -> ActionOutcome:
        source = item.source
        if source is None or source.actions is None or self._kind not in source.actions.kinds:
            plan = self.plan(item)
            missing = source is None or plan.status is None
            return ActionOutcome(plan.key, self._kind, False, plan.status, plan.status, plan.why, not_found=missing)
        return self._doer.act(source, source.actions, self._kind, item.id, arm=self._arm, given=self._given)

    def _wait_for(self, armed: Sequence[Item], outcomes: list[ActionOutcome]) -> None:
        waiting = list(armed)
        try:
            while waiting:
                time.sleep(_BETWEEN)
                for item in list(waiting):
                    plan = self.plan(item)
                    if plan.status in (Status.PENDING, Status.RUNNING):
                        continue
                    waiting.remove(item)
                    done = plan.status is Status.CANCELED
                    why = "" if done else "it ended before the cancel took hold"
                    outcome = ActionOutcome(plan.key, self._kind, done, Status.PENDING, plan.status, why)
                    if item.source is not None:
                        self._doer.note(item.source, outcome)
                    self._report(outcome, outcomes)
        finally:
            for item in waiting:
                actions = item.source.actions if item.source is not None else None
                if item.source is not None and actions is not None and self._doer.disarm(item.source, actions, item.id):
                    message(f"{item.id}: disarmed")

    def _allows(self, plan: ActionPlan) -> bool:
        return plan.allowed or (self._arm and plan.arms)

    def _report(self, outcome: ActionOutcome, outcomes: list[ActionOutcome]) -> None:
        outcomes.append(outcome)
        if not outcome.done:
            can_arm = self._kind is ActionKind.CANCEL and outcome.status_before is Status.PENDING and not self._arm
            message(refusal(self._kind, outcome.key.id, outcome.why, arms=can_arm))
        elif not self._as_json:
            self._out.line(*outcome_line(outcome, self._out.glyphs))
            self._out.flush()


def _nowhere(workflow_id: str) -> WorkflowKey:
    return WorkflowKey("", "", None, workflow_id)


def _exit_code(done: Sequence[bool], some_missing: bool) -> int:
    if some_missing:
        return EXIT_NOT_FOUND
    if all(done):
        return EXIT_OK
    return EXIT_NO if any(done) else EXIT_REFUSED
