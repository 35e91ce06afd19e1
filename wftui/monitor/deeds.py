"""The one way to do something to a workflow: both the app and the commands come through here, and it is kept."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from wftui.errors import WftuiError
from wftui.model.audit import Deed
from wftui.model.secrets import mask_urls
from wftui.monitor.audit import account, machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.model.action import ActionKind, ActionOutcome, Given
    from wftui.monitor.audit import AuditFile
    from wftui.sources.base import Actions, Source


class Doer:
    """Acts on the workflows of sources, and keeps what was done.

    Args:
        audit: Where it is kept; None keeps nothing.
        tell: Gets what is to be said when it cannot be kept; once.
    """

    def __init__(self, audit: AuditFile | None, tell: Callable[[str], None]) -> None:
        self._audit = audit
        self._tell = tell

    def act(
        self, source: Source, actions: Actions, kind: ActionKind, workflow_id: str, *, arm: bool, given: Given
    ) -> ActionOutcome:
        """Do it: see `Actions.act`.

        Raises:
            TargetError: The target does not answer.
        """
        try:
            outcome = actions.act(kind, workflow_id, arm=arm, given=given)
        except BaseException as error:
            why = str(error) if isinstance(error, WftuiError) else f"{type(error).__name__}: {error}"
            word = "failed" if isinstance(error, Exception) else "interrupted"
            self._keep(source, workflow_id, kind.value, word, given=given, why=why)
            raise
        self.note(source, outcome, given)
        return outcome

    def note(self, source: Source, outcome: ActionOutcome, given: Given | None = None) -> None:
        """Keep an outcome that came by itself: an armed action that fired, or did not."""
        word = "armed" if outcome.armed else "done" if outcome.done else "refused"
        self._keep(source, outcome.key.id, outcome.kind.value, word, given=given, why=outcome.why, outcome=outcome)

    def disarm(self, source: Source, actions: Actions, workflow_id: str) -> bool:
        """Take an armed action back. Returns whether one was armed."""
        taken_back = actions.disarm(workflow_id)
        if taken_back:
            self._keep(source, workflow_id, "disarm", "done")
        return taken_back

    def _keep(
        self,
        source: Source,
        workflow_id: str,
        action: str,
        word: str,
        *,
        given: Given | None = None,
        why: str = "",
        outcome: ActionOutcome | None = None,
    ) -> None:
        if self._audit is None:
            return
        before, after = (outcome.status_before, outcome.status_after) if outcome is not None else (None, None)
        deed = Deed(
            time.time(),
            account(),
            machine(),
            os.getpid(),
            source.info.target,
            source.info.engine,
            outcome.key.namespace if outcome is not None else None,
            workflow_id,
            action,
            word,
            _told(given),
            before.value if before is not None else None,
            after.value if after is not None else None,
            mask_urls(why),
        )
        if trouble := self._audit.append(deed):
            self._tell(trouble)


def _told(given: Given | None) -> dict[str, object]:
    """What was given, as far as it may be kept: of a payload its size, because nobody knows what it holds."""
    if given is None:
        return {}
    told: dict[str, object] = {}
    if given.max_attempts is not None:
        told["max_attempts"] = given.max_attempts
    if given.as_new:
        told["as_new"] = True
    if given.event:
        told |= {"event": given.event, "payload_bytes": len(given.payload.encode("utf-8", "surrogatepass"))}
    return told
