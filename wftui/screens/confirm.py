"""Asks before anything is written: names each workflow, its status, and what will happen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from wftui.model.action import NOTHING, ActionKind, Given
from wftui.model.status import Status
from wftui.present.text import visible
from wftui.screens.dialog import Dialog
from wftui.widgets.tick import Tick
from wftui.widgets.tones import WARNING, status_content, toned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from wftui.model.action import ActionPlan, TaskEffect
    from wftui.model.workflow import WorkflowKey
    from wftui.present.glyphs import Glyphs

# So many workflows are named one by one; the rest is counted.
NAMED = 100
# And so many tasks of each.
TASKS = 20
_VERB = {ActionKind.CANCEL: "Cancel", ActionKind.RESUME: "Resume", ActionKind.DELETE: "Delete", ActionKind.EMIT: "Emit"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        kind: The action.
        plans: What it would do to each workflow.
        errors: A line for each workflow that could not be read.
        says: Where each workflow's status comes from, in words.
        optional: Those that are left out unless the user ticks them: failed ones of "resume all".
        given: What the user gave so far.
    """

    kind: ActionKind
    plans: tuple[ActionPlan, ...]
    errors: tuple[str, ...]
    says: Mapping[WorkflowKey, str]
    optional: frozenset[WorkflowKey] = frozenset()
    given: Given = NOTHING


@dataclass(frozen=True, slots=True)
class Answer:
    """What to do: these at once, those when they turn RUNNING; with what is given."""

    keys: tuple[WorkflowKey, ...]
    arm: tuple[WorkflowKey, ...] = ()
    given: Given = NOTHING


class ConfirmScreen(Dialog[Answer]):
    """Yes or no, with No in front. Deleting several wants their number typed.

    Args:
        question: What is asked.
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    ConfirmScreen {
        #plans { height: auto; margin: 1 0; }
        #plans:focus { background: $block-cursor-blurred-background; }
        Tick { margin-bottom: 1; }
        #typed { margin-bottom: 1; }
        #tries { height: 1; }
        #tries Static { width: auto; padding-right: 1; }
        #attempts { width: 1fr; }
        #buttons { height: auto; }
        #buttons Button { margin-right: 2; }
    }
    """

    def __init__(self, question: Question, glyphs: Glyphs) -> None:
        super().__init__()
        self._question = question
        self._glyphs = glyphs
        plans = question.plans
        self._sure = [plan for plan in plans if plan.allowed and plan.key not in question.optional]
        self._more = [plan for plan in plans if plan.allowed and plan.key in question.optional]
        self._queued = [plan for plan in plans if not plan.allowed and plan.arms]
        self._least = max((plan.least_attempts or 0 for plan in (*self._sure, *self._more)), default=0)
        self._refused = [plan for plan in plans if not plan.allowed and not plan.arms]

    def compose(self) -> ComposeResult:
        """The workflows, what else can be chosen, the buttons."""
        with Vertical(classes="box"):
            yield Static(toned(self._title(), "strong"), classes="title")
            with VerticalScroll(id="plans", can_focus=False):
                yield Static(Content("\n").join(self._lines()))
            if self._more:
                yield Tick(f"failed ones as well ({len(self._more):,})", id="more")
            if self._queued and self._sure:
                yield Tick(f"queued ones as well ({len(self._queued):,}), as soon as they run", id="arm")
            if self._least:
                with Horizontal(id="tries"):
                    yield Static("attempts in all:")
                    yield Input(placeholder="one more than now", id="attempts", compact=True)
                yield Tick("spawn them anew, from their start; the failed ones stay", id="anew")
            yield Input(placeholder=f"type {self._count()} to confirm", id="typed", compact=True)
            with Horizontal(id="buttons"):
                yield Button("No", id="no", variant="primary")
                yield Button(self._yes(self._count()), id="yes", variant="error")

    def on_mount(self) -> None:
        """No is in front, so that a key hit by mistake does nothing."""
        for line in self.query(Input):
            line.cursor_blink = False
        self._update()
        self.query_one("#no", Button).focus()
        if self.query_one("#typed").display:
            self.query_one("#typed").focus()

    def on_resize(self) -> None:
        """There is more room, or less."""
        self._leave_room()

    def on_tick_changed(self) -> None:
        """Other workflows are meant."""
        self._update()

    def on_input_changed(self) -> None:
        """The number may be right now."""
        self._update()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter on the right number is a yes; on the attempts it only goes on."""
        if event.input.id == "attempts":
            self.query_one("#no", Button).focus()
        elif not self.query_one("#yes", Button).disabled:
            self.dismiss(self._answer())

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(self._answer() if event.button.id == "yes" else None)

    # -- what is meant ---------------------------------------------------------------------------------------

    def _answer(self) -> Answer:
        keys = [plan.key for plan in self._sure]
        if self._ticked("more"):
            keys += [plan.key for plan in self._more]
        arm = [plan.key for plan in self._queued] if not self._sure or self._ticked("arm") else []
        return Answer(tuple(keys), tuple(arm), self._given())

    def _given(self) -> Given:
        """What was given before, with what is given here."""
        if not self._least:
            return self._question.given
        return replace(self._question.given, max_attempts=self._attempts(), as_new=self._ticked("anew"))

    def _attempts(self) -> int | None:
        """The number of attempts that was typed; None for none, or for what is no such number."""
        text = self._typed_attempts()
        return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 8 else None

    def _typed_attempts(self) -> str:
        """What was typed; nothing where nobody asks, or not yet."""
        return next((line.value.strip() for line in self.query("#attempts").results(Input)), "")

    def _wrong_attempts(self) -> str:
        """What is wrong with the number of attempts; "" for nothing."""
        if not self._typed_attempts():
            return ""
        number, least = self._attempts(), 1 if self._ticked("anew") else self._least
        return "" if number is not None and number >= least else f"a number from {least} on"

    def _ticked(self, which: str) -> bool:
        return any(box.value for box in self.query(f"#{which}").results(Tick))

    def _count(self) -> int:
        answer = self._answer()
        return len(answer.keys) + len(answer.arm)

    def _update(self) -> None:
        count = self._count()
        typed = self.query_one("#typed", Input)
        typed.display = self._question.kind is ActionKind.DELETE and count > 1
        typed.placeholder = f"type {count} to confirm"
        yes = self.query_one("#yes", Button)
        yes.label = self._yes(count)
        yes.display = count > 0 or bool(self._more)
        wrong = self._wrong_attempts()
        for note in self.query("#tries Static").results(Static):
            note.update(
                toned(f"attempts in all{f' ({WARNING} {wrong})' if wrong else ''}:", "warning" if wrong else "")
            )
        yes.disabled = (
            bool(wrong) or count == 0 or (typed.display and typed.value.strip() not in (str(count), f"{count:,}"))
        )
        self.query_one("#no", Button).label = "No" if yes.display else "Close"
        self._leave_room()

    def _leave_room(self) -> None:
        """For title, gaps and buttons, and for what else can be chosen."""
        lines = 4 + 2 * len(self.query(Tick)) + len(self.query("#tries"))
        self.leave_room(self.query_one("#plans"), lines + (2 if self.query_one("#typed").display else 0))
        self.call_after_refresh(self._may_scroll)

    def _may_scroll(self) -> None:
        """What does not fit can be read with the keys, too."""
        plans = self.query_one("#plans", VerticalScroll)
        plans.can_focus = plans.max_scroll_y > 0

    # -- words -----------------------------------------------------------------------------------------------

    def _title(self) -> str:
        verb = _VERB[self._question.kind]
        meant = [*self._sure, *self._more, *self._queued]
        if not meant:
            return f"{verb}: not possible"
        if len(meant) == 1 and not self._sure and self._queued:
            return f"{verb} {visible(meant[0].key.id)} as soon as it runs?"
        if self._question.kind is ActionKind.EMIT:
            return f"{verb} {visible(self._question.given.event)}?"
        if len(meant) == 1:
            return f"{verb} {visible(meant[0].name or meant[0].key.id)}?"
        return f"{verb} {len(meant):,} workflows?"

    def _yes(self, count: int) -> str:
        verb = _VERB[self._question.kind]
        if not self._sure and not self._more and self._queued:
            return f"Arm the cancel of {count:,}" if count > 1 else "Arm the cancel"
        return f"{verb} {count:,}" if count > 1 else verb

    def _lines(self) -> list[Content]:
        lines: list[Content] = []
        named = 0
        groups = (("", [*self._sure, *self._more]), ("Queued", self._queued), ("Left alone", self._refused))
        for heading, plans in groups:
            if not plans:
                continue
            if heading:
                lines += [*([Content("")] if lines else []), toned(heading, "muted")]
            for plan in plans[: max(0, NAMED - named)]:
                lines += self._plan(plan)
            if named + len(plans) > NAMED:
                lines.append(toned(f"and {named + len(plans) - NAMED:,} more", "muted"))
            named = min(NAMED, named + len(plans))
        lines += [toned(f"{WARNING} {visible(error)}", "warning") for error in self._question.errors[:NAMED]]
        return lines or [toned("There is nothing to do.", "muted")]

    def _plan(self, plan: ActionPlan) -> list[Content]:
        status = status_content(plan.status or Status.UNKNOWN, self._glyphs)
        says = self._question.says.get(plan.key, "")
        names = [visible(name) for name in (plan.name, plan.key.id) if name]
        head = [status, *(toned(f"  {name}", "" if at else "strong") for at, name in enumerate(names))]
        head.append(toned(f"  {says}" if says else "", "muted"))
        lines = [Content("").join(head)]
        notes: Sequence[str] = [*([plan.why] if plan.why else []), *plan.effects]
        lines += [toned(f"  {visible(note)}", "muted") for note in notes]
        lines += map(self._task_line, plan.tasks[:TASKS])
        if len(plan.tasks) > TASKS:
            lines.append(toned(f"    and {_tasks(len(plan.tasks) - TASKS)} more", "muted"))
        if not plan.tasks and (plan.keeps or plan.runs_again):
            lines.append(
                toned(f"  {_tasks(len(plan.keeps))} kept, {_tasks(len(plan.runs_again))} will run again", "muted")
            )
        return lines

    def _task_line(self, task: TaskEffect) -> Content:
        status = status_content(task.status, self._glyphs)
        return Content("").join(
            [toned("    "), status, toned(f"  {visible(task.name or task.id)} "), toned(visible(task.what), "muted")]
        )


def _tasks(count: int) -> str:
    return f"{count:,} task{'' if count == 1 else 's'}"
