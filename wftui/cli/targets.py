"""Which targets a command looks at, opened; and where in them an id is."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.cli.opening import waiting_for
from wftui.config import from_environment
from wftui.errors import NotFoundError, TargetError, UsageError, WftuiError
from wftui.model.secrets import mask_url
from wftui.sources import registry
from wftui.sources.base import SourceOptions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.sources.base import Source

DEMO = "demo"
HOW_TO_NAME_ONE = "give -t with a directory, auto or host:port, or set WFTUI_TARGET: see wftui --help"


def is_read_only(args: argparse.Namespace) -> bool:
    """Whether nothing may be changed."""
    return bool(args.read_only) or from_environment(os.environ).read_only


def resolve(args: argparse.Namespace) -> list[str]:
    """The targets to look at: those given, else `WFTUI_TARGET`, else what is found here; empty if nothing is."""
    given = [*getattr(args, "target_words", ()), *args.targets]
    if not given:
        settings = from_environment(os.environ)
        found = settings.target if settings.target is not None else registry.default_target(dict(os.environ))
        given = [] if found is None else [found]
    return list(dict.fromkeys(given))


def options_of(args: argparse.Namespace) -> SourceOptions:
    """How to open targets."""
    settings = from_environment(os.environ)
    definitions = (*args.definitions, *settings.definitions)
    return SourceOptions(
        read_only=is_read_only(args),
        poll=args.poll,
        interval=args.interval,
        definitions=tuple(dict.fromkeys(definitions)),
        observer=not (args.no_observer or settings.no_observer),
    )


def make_sources(args: argparse.Namespace, targets: Sequence[str], stack: ExitStack) -> list[Source]:
    """A source for each target, not opened yet; a target that is given twice in two ways is one.

    Args:
        args: How to open them.
        targets: Which.
        stack: Closes them, and removes what was made for them.

    Raises:
        UsageError: A target has a form that nothing opens.
        TargetError: One cannot be used in this environment.
    """
    options = options_of(args)
    sources: dict[str, Source] = {}
    places: set[str] = set()
    for target in targets:
        place = os.path.realpath(target) if os.path.isdir(target) else target
        if place in places:
            continue
        places.add(place)
        source = _make(target, options, stack)
        stack.callback(source.close)
        sources.setdefault(source.info.target, source)
    return list(sources.values())


@contextmanager
def unopened(args: argparse.Namespace) -> Iterator[list[Source]]:
    """The sources of a command, for whoever opens them itself; closed at the end.

    Raises:
        UsageError: There is no target, or nothing opens it.
        TargetError: It cannot be used in this environment.
    """
    targets = resolve(args)
    if not targets:
        raise UsageError("no target: no cluster and no workflow storage was found here", HOW_TO_NAME_ONE)
    with ExitStack() as stack:
        yield make_sources(args, targets, stack)


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[list[Source]]:
    """The sources of a command, opened, and closed at the end.

    One that does not open fails them all: an id that is asked for may be in it.

    Raises:
        UsageError: There is no target, or nothing opens it.
        TargetError: One cannot be reached or read.
    """
    with unopened(args) as sources:
        for source in sources:
            with waiting_for(source):
                source.open()
        yield sources


@contextmanager
def opened_as_far(args: argparse.Namespace) -> Iterator[tuple[list[Source], list[TargetError]]]:
    """The sources that can be opened, closed at the end, and why the others cannot: for what tells of both.

    Raises:
        UsageError: There is no target, or nothing opens it.
        TargetError: None can be reached or read: the error of the first.
    """
    with unopened(args) as sources:
        open_ones: list[Source] = []
        down: list[TargetError] = []
        for source in sources:
            try:
                with waiting_for(source):
                    source.open()
            except TargetError as error:
                down.append(error)
            else:
                open_ones.append(source)
        if not open_ones:
            raise down[0]
        yield open_ones, down


@dataclass(frozen=True, slots=True)
class Located:
    """Where ids are.

    Attributes:
        rows: Of each id that exists, in the order asked for: its source and its row.
        missing: The ids that do not exist.
    """

    rows: dict[str, tuple[Source, WorkflowSummary]]
    missing: tuple[str, ...]


def locate(sources: Sequence[Source], ids: Sequence[str]) -> Located:
    """Find each id.

    Raises:
        UsageError: An id is in two targets.
        TargetError: A target cannot be read.
    """
    wanted = list(dict.fromkeys(ids))
    found: dict[str, tuple[Source, WorkflowSummary]] = {}
    for source in sources:
        with waiting_for(source):
            here = source.summaries(wanted)
        for row in here:
            if row.key.id in found:
                raise _in_two(row.key.id, found[row.key.id][1], row)
            found[row.key.id] = (source, row)
    _locate_unlisted(sources, [workflow_id for workflow_id in wanted if workflow_id not in found], found)
    rows = {workflow_id: found[workflow_id] for workflow_id in wanted if workflow_id in found}
    return Located(rows, tuple(workflow_id for workflow_id in wanted if workflow_id not in found))


def _locate_unlisted(
    sources: Sequence[Source], ids: Sequence[str], found: dict[str, tuple[Source, WorkflowSummary]]
) -> None:
    """Find what no list has: a workflow that its engine rejected, say. `show` shows it, so it must exist everywhere."""
    for workflow_id in ids:
        for source in sources:
            try:
                row = source.detail(workflow_id).summary
            except NotFoundError:
                continue
            if workflow_id in found:
                raise _in_two(workflow_id, found[workflow_id][1], row)
            found[workflow_id] = (source, row)


def _in_two(workflow_id: str, first: WorkflowSummary, second: WorkflowSummary) -> UsageError:
    where = f"{first.key.target} and {second.key.target}"
    return UsageError(f"workflow {workflow_id!r} is in two targets: {where}", "choose one with -t")


def find_detail(sources: Sequence[Source], workflow_id: str) -> WorkflowDetail:
    """The whole of one workflow, whichever target it is in.

    Raises:
        NotFoundError: There is none of that id.
        UsageError: It is in two targets.
        TargetError: A target cannot be read.
    """
    if len(sources) == 1:
        return _detail(sources[0], workflow_id)
    located = locate(sources, [workflow_id])
    if located.missing:
        raise no_such(sources, workflow_id)
    return _detail(located.rows[workflow_id][0], workflow_id)


def no_such(sources: Sequence[Source], workflow_id: str) -> NotFoundError:
    """The error for an id that does not exist."""
    where = " or ".join(source.info.target for source in sources)
    return NotFoundError(f"no workflow {workflow_id!r} in {where}", "wftui ls shows what there is")


def _detail(source: Source, workflow_id: str) -> WorkflowDetail:
    try:
        with waiting_for(source):
            return source.detail(workflow_id)
    except NotFoundError:
        raise no_such([source], workflow_id) from None


def _make(target: str, options: SourceOptions, stack: ExitStack) -> Source:
    if target != DEMO:
        try:
            return registry.make_source(target, options)
        except WftuiError as error:  # it may quote the target, and that its password
            masked = error.message.replace(target, mask_url(target))
            raise type(error)(masked, error.hint) from None
    from wftui.cli.demo import unpacked_snapshot
    from wftui.sources.ray.storage_source import StorageSource

    return StorageSource(stack.enter_context(unpacked_snapshot()), options, target=DEMO)
