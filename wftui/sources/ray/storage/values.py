"""Reads what tasks were given and gave back (`args.pkl`, `output.pkl`) without executing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.values import StoredValue, TaskValues
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.pickle_tree import shown, shown_args
from wftui.sources.ray.storage.pickle_values import Limits, UnreadablePickle, Value
from wftui.sources.ray.storage.pickles import read_pickle
from wftui.sources.stores.base import Blob, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.values import ShownValue
    from wftui.sources.stores.base import Store

READ_AT_MOST = 4 << 20
"""Bytes read of one file."""
_LIMITS = Limits(size=READ_AT_MOST, opcodes=400_000, memo=400_000, made=READ_AT_MOST)
_HELD = 32 << 20
"""Bytes that are held at the same time."""


def read_values(store: Store, folder: str, task_ids: Sequence[str]) -> Iterator[tuple[str, TaskValues]]:
    """The values of these tasks of the workflow at `folder`, in order; what cannot be read says why.

    Raises:
        TargetError: The whole store does not answer.
    """
    base = layout.join(folder, layout.TASKS)
    names = [layout.join(base, task_id, name) for task_id in task_ids for name in (layout.ARGS, layout.OUTPUT)]
    sizes = [blob.size or 0 for blob in store.read([Range(name, 0) for name in names])]
    start = 0
    while start < len(task_ids):
        end, held = start, 0
        while end < len(task_ids) and (end == start or held < _HELD):
            held += sum(min(size, READ_AT_MOST) for size in sizes[2 * end : 2 * end + 2])
            end += 1
        blobs = store.read([Range(name, READ_AT_MOST) for name in names[2 * start : 2 * end]])
        for task_id, args, output in zip(task_ids[start:end], blobs[::2], blobs[1::2], strict=True):
            yield task_id, TaskValues(_stored(args, shown_args), _stored(output, shown))
        start = end


def _stored(blob: Blob, show: Callable[[Value], ShownValue]) -> StoredValue | None:
    if blob.missing:
        return None
    if blob.error:
        return StoredValue(blob.size, None, blob.error)
    try:
        return StoredValue(blob.size, show(read_pickle(blob.data, _LIMITS)))
    except UnreadablePickle as unreadable:
        is_cut = unreadable.cut_short and blob.size is not None and blob.size > len(blob.data)
        why = f"only its first {len(blob.data):,} bytes were read" if is_cut else f"the file {unreadable.why}"
        begun = unreadable.begun
        return StoredValue(blob.size, None if begun is None else shown(begun), why)
