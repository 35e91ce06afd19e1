r"""Reads pickles of every protocol (0 to 5) without executing them.

`pickle.Unpickler` is not used, not even with a `find_class` of our own: it allocates gigabytes on a nine-byte file
(`\x80\x04Nr\xff\xff\xff\x0f.`), because its memo is an array that the data sizes. Here an interpreter of our own
goes through the opcodes (`pickle_opcodes`) and builds inert values (`pickle_values`).

What bounds the cost, whatever the data says:

* time: every opcode costs at most what it consumes, and their number is bounded;
* memory: texts and bytes are copied out of the data once, so they are bounded by its length; every other value costs
  a small constant per opcode; what is made anew out of older values (`_codecs.encode`, say), or shared by calls, is
  counted, and bounded;
* stack: nothing recurses over the data.

Format: CPython's `Lib/pickletools.py` and `Lib/pickle.py`. Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.sources.ray.storage.pickle_machine import Machine
from wftui.sources.ray.storage.pickle_opcodes import OPCODES
from wftui.sources.ray.storage.pickle_values import DEFAULT_LIMITS, Limits, UnreadablePickle

if TYPE_CHECKING:
    from wftui.sources.ray.storage.pickle_values import Value

__all__ = ["DEFAULT_LIMITS", "Limits", "UnreadablePickle", "read_pickle"]


def read_pickle(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Value:
    """The value that a pickle holds; bytes after its end are ignored, as Python does.

    Shared and cyclic references stay so: the result is a graph.

    Args:
        data: The pickle.
        limits: How much it may ask for.

    Raises:
        UnreadablePickle: It cannot be read. Nothing else is raised, whatever the data.
    """
    if not data:
        raise UnreadablePickle("is empty", cut_short=True)
    if len(data) > limits.size:
        raise UnreadablePickle(f"is larger than {limits.size} bytes")
    return Machine(data, OPCODES, limits).run()
