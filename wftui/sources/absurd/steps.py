"""The tasks of a workflow: Absurd's tasks with their attempts, and below each its checkpoints and waits. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from wftui.model.status import Status, TimeSource
from wftui.model.task import Attempt, Task, TaskKind
from wftui.sources.absurd.queries import LINK, LONG_JSON, SHORT_JSON
from wftui.sources.absurd.summaries import task_end
from wftui.sources.absurd.values import clock, error_of, seconds, span, status_of, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.task import ErrorInfo
    from wftui.sources.absurd.connection import Row

MOST_UPSTREAM = 64
SLEEP = "$sleep"


@dataclass(frozen=True, slots=True)
class TaskRows:
    """All rows of one task of Absurd, each list in order of time."""

    task: Row
    attempts: list[Row] = field(default_factory=list)
    checkpoints: list[Row] = field(default_factory=list)
    waits: list[Row] = field(default_factory=list)


def tasks_of(found: Sequence[TaskRows], now: float, prefix: str = "") -> tuple[Task, ...]:
    """Tasks and their steps, in an order inferred from times.

    A step waits for the one before it. A task waits for those that had ended when it was spawned, as far as they are
    not told by others: so tasks that were spawned together stand beside each other.

    Args:
        found: The tasks.
        now: The server's time, Unix seconds.
        prefix: "name__version__" of a workflow run, which begins the names of its tasks.
    """
    ordered = sorted(found, key=lambda it: (_spawned(it), it.task["task_id"]))
    upstream = inferred_upstream([(it.task["task_id"], _spawned(it), task_end(it.task)) for it in ordered])
    result: list[Task] = []
    for it in ordered:
        steps = _steps(it, now)
        result.append(_task(it, upstream[it.task["task_id"]], now, prefix, waits_below=bool(steps)))
        result += steps
    return tuple(result)


def inferred_upstream(spans: Sequence[tuple[str, float, float | None]]) -> dict[str, tuple[str, ...]]:
    """What each task waits for, told by times alone.

    Args:
        spans: Of each task its id, when it was spawned and when it ended, in order of the second.
    """
    ended = sorted((end, begin, name) for name, begin, end in spans if end is not None)
    upstream: dict[str, tuple[str, ...]] = {}
    at = 0
    latest_begin = float("-inf")
    before: list[tuple[float, str]] = []
    for name, begin, _ in spans:
        while at < len(ended) and ended[at][0] <= begin:
            end, began, who = ended[at]
            latest_begin = max(latest_begin, began)
            before.append((end, who))
            at += 1
        # Who had ended before another of them began is told by that one.
        before = [(end, who) for end, who in before if end > latest_begin]
        upstream[name] = tuple(who for _, who in before[-MOST_UPSTREAM:] if who != name)
    return upstream


def _spawned(it: TaskRows) -> float:
    when = seconds(it.task["enqueued"])
    return when if when is not None else seconds(it.task["first_started"]) or 0.0


def _task(it: TaskRows, upstream: tuple[str, ...], now: float, prefix: str, *, waits_below: bool) -> Task:
    row = it.task
    name = row["task_name"] or ""
    if prefix and name.startswith(prefix):
        name = name.rpartition("__")[2] or name
    status = status_of(row["state"])
    ended = task_end(row)
    attempts = tuple(map(_attempt, it.attempts)) if it.attempts else None
    most = row["max_attempts"]
    return Task(
        row["task_id"],
        name,
        TaskKind.TASK,
        status,
        upstream=upstream,
        started_at=seconds(row["first_started"]),
        ended_at=ended,
        ended_at_source=None if ended is None else TimeSource.RECORDED,
        attempts=attempts,
        max_retries=most - 1 if isinstance(most, int) else None,
        error=_task_error(it, status),
        options=_options(row, it.attempts[-1] if it.attempts else None),
        user_metadata=_headers(row),
        waiting_for=_retry_words(it, now) or (_wake_words(it, now) if not waits_below else None),
    )


def _attempt(row: Row) -> Attempt:
    """One run. Of a cancelled one no end is recorded."""
    ended = seconds(row["completed"])
    number = row["attempt"]
    return Attempt(
        int(number) if number is not None else 0,
        status_of(row["state"]),
        seconds(row["started"]),
        seconds(row["failed"]) if ended is None else ended,
        error_of(row["reason"], LONG_JSON),
        row["claimed_by"],
        row["run_id"],
        seconds(row["available"]),
        seconds(row["claim_expires"]),
    )


def _task_error(it: TaskRows, status: Status) -> ErrorInfo | None:
    """The failure of the latest attempt that failed; stale where the task goes on, or went well in the end."""
    failed = [row for row in it.attempts if row["state"] == "failed"]
    if failed:
        return error_of(failed[-1]["reason"], LONG_JSON, stale=status is not Status.FAILED)
    return error_of(it.task["reason"], SHORT_JSON) if status is Status.FAILED else None


def _options(row: Row, last: Row | None) -> dict[str, object]:
    found: dict[str, object] = {"task_name": row["task_name"], "max_attempts": row["max_attempts"]}
    found |= {name: value_of(row[name], LONG_JSON) for name in ("params", "retry_strategy", "cancellation")}
    found["idempotency_key"] = row["idempotency_key"]
    found["enqueued_at"] = seconds(row["enqueued"])
    found["result"] = value_of(row["completed_payload"], LONG_JSON)
    if last is not None:
        found |= {"run_id": last["run_id"], "claimed_by": last["claimed_by"]}
        found |= {"claim_expires_at": seconds(last["claim_expires"]), "available_at": seconds(last["available"])}
    return {name: value for name, value in found.items() if value is not None}


def _headers(row: Row) -> dict[str, object]:
    value = value_of(row["headers"], SHORT_JSON)
    if value is None:
        return {}
    # The link is how the task came to be here.
    return {k: v for k, v in value.items() if k != LINK} if isinstance(value, dict) else {"headers": value}


# -- steps -----------------------------------------------------------------------------------------------------


def _steps(it: TaskRows, now: float) -> list[Task]:
    asleep = _asleep(it)
    sleeping = _sleeping_checkpoint(it, asleep)
    steps: list[Task] = []
    for row in it.checkpoints:
        words = _sleep_words(asleep, now) if asleep is not None and row is sleeping else None
        steps.append(_checkpoint(it, row, steps, words))
    waits = [row for row in it.waits if asleep is not None and row["run_id"] == asleep["run_id"]]
    steps += [_wait(it, row, steps, now) for row in waits]
    if asleep is not None and sleeping is None and not waits:
        steps.append(_bare_sleep(it, asleep, steps, now))
    return steps


def _checkpoint(it: TaskRows, row: Row, before: list[Task], waiting_for: str | None) -> Task:
    updated = seconds(row["updated"])
    done = waiting_for is None
    state = value_of(row["state"], SHORT_JSON)
    return Task(
        _step_id(it, row["name"]),
        row["name"],
        TaskKind.CHECKPOINT if done else TaskKind.WAIT,
        Status.SUCCESSFUL if done else Status.WAITING,
        upstream=(before[-1].id,) if before else (),
        parent=it.task["task_id"],
        # Of a step only the end is recorded; a sleep writes its checkpoint as it begins.
        started_at=None if done else updated,
        ended_at=updated if done else None,
        ended_at_source=TimeSource.RECORDED if done and updated is not None else None,
        output_size=None,
        options={k: v for k, v in (("status", row["status"]), ("owner_run_id", row["owner"])) if v is not None},
        user_metadata={} if state is None else {"state": state},
        waiting_for=waiting_for,
    )


def _wait(it: TaskRows, row: Row, before: list[Task], now: float) -> Task:
    began, until = seconds(row["created"]), seconds(row["timeout"])
    words = f"event {row['event_name']}"
    if began is not None:
        words += f" since {span(max(0.0, now - began))}"
    if until is not None:
        words += f", times out in {span(until - now)}" if until > now else ", timed out"
    name = row["step_name"] or f"$awaitEvent:{row['event_name']}"
    return Task(
        _step_id(it, name),
        name,
        TaskKind.WAIT,
        Status.WAITING,
        upstream=(before[-1].id,) if before else (),
        parent=it.task["task_id"],
        started_at=began,
        options={"event": row["event_name"], **({} if until is None else {"timeout_at": until})},
        waiting_for=words,
    )


def _bare_sleep(it: TaskRows, asleep: Row, before: list[Task], now: float) -> Task:
    """A sleep that left no checkpoint, or a wait whose row cannot be read."""
    return Task(
        _step_id(it, SLEEP),
        SLEEP,
        TaskKind.WAIT,
        Status.WAITING,
        upstream=(before[-1].id,) if before else (),
        parent=it.task["task_id"],
        waiting_for=_sleep_words(asleep, now),
    )


def _asleep(it: TaskRows) -> Row | None:
    """The run that sleeps in a step; one that never started waits for its retry instead."""
    last = it.attempts[-1] if it.attempts else None
    if last is None or last["state"] != "sleeping" or last["started"] is None:
        return None
    return last


def _sleeping_checkpoint(it: TaskRows, asleep: Row | None) -> Row | None:
    """The checkpoint of the sleep that goes on: the latest one, which holds the time of the wake-up."""
    if asleep is None or asleep["wake_event"] is not None or not it.checkpoints:
        return None
    last = it.checkpoints[-1]
    state = value_of(last["state"], SHORT_JSON)
    return last if last["owner"] == asleep["run_id"] and isinstance(state, str) and _is_time(state) else None


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def _sleep_words(asleep: Row, now: float) -> str:
    if asleep["wake_event"] is not None:
        return f"event {asleep['wake_event']}"
    until = seconds(asleep["available"])
    return "sleeping" if until is None else f"sleeping until {clock(until, now)}"


def _retry_words(it: TaskRows, now: float) -> str | None:
    """Of a task whose next attempt is not due yet, when it is."""
    last = it.attempts[-1] if it.attempts else None
    if last is None or last["state"] not in ("pending", "sleeping") or last["started"] is not None:
        return None
    due = seconds(last["available"])
    if due is None or due <= now:
        return None
    return f"attempt {last['attempt']}, due at {clock(due, now)}"


def _wake_words(it: TaskRows, now: float) -> str | None:
    asleep = _asleep(it)
    return None if asleep is None else _sleep_words(asleep, now)


def _step_id(it: TaskRows, name: str) -> str:
    return f"{it.task['task_id']}/{name}"
