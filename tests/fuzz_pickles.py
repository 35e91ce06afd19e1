"""Mutates pickles and reads them: `python -m tests.fuzz_pickles [-runs=N] [-max_total_time=S]`.

With atheris installed (`pip install atheris`) its coverage steers the mutation; without, they are random, and `-runs`
or `-max_total_time` end them. Whatever the data, nothing may be raised, nothing imported, opened or run (an audit
hook watches), and what is shown stays within its bounds.
"""

from __future__ import annotations

import importlib
import pickle
import random
import sys
import time

from tests.unit.array_pickles import ARRAYS
from tests.unit.hostile_pickles import HOSTILE
from wftui.sources.ray.storage.exceptions import read_exception
from wftui.sources.ray.storage.pickle_rendering import render
from wftui.sources.ray.storage.pickle_tree import NODES, shown, shown_args
from wftui.sources.ray.storage.pickle_values import Limits, UnreadablePickle, Value
from wftui.sources.ray.storage.pickles import read_pickle

LIMITS = Limits(size=1 << 16, opcodes=20_000, memo=20_000, made=1 << 16, depth=500)
HARMLESS = ("builtins.id", "object.__getattr__", "sys._getframe")
"""Audit events of the reader itself: `id` tells nodes apart. The others are those of the fuzzers' own instruments."""
HONEST: tuple[object, ...] = (
    {"a": [1, 2.5, None, True], "b": (b"x", {"c"}, frozenset({3}))},
    ValueError("a", 1),
    KeyError(b"x"),
    OSError(2, "no", "file"),
    [b"__RAY_DUMMY__", 1, "name", {"password": "x"}],
)


class Watch:
    """Notes every audit event while it is armed."""

    def __init__(self) -> None:
        self.armed = False
        self.happened: list[str] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.armed and event not in HARMLESS:
            self.happened.append(f"{event} {str(arguments)[:100]}")


def look(data: bytes) -> None:
    """Read in every way there is.

    Raises:
        AssertionError: A bound does not hold.
    """
    error = read_exception(data)
    assert error.type is None or len(error.type) < 10_000
    value, why = _read(data)
    assert len(why) < 200
    assert len(render(value, limit=500)) <= 501
    for tree in (shown(value), shown_args(value)):
        left, count = [tree], 0
        while left:
            node = left.pop()
            count += 1
            assert len(node.text) < 5_000
            left += [member.value for member in node.members]
        assert count <= NODES + 1


def _read(data: bytes) -> tuple[Value, str]:
    """What is there, or what was begun, and why it is not there."""
    try:
        return read_pickle(data, LIMITS), ""
    except UnreadablePickle as unreadable:
        return unreadable.begun, unreadable.why


def seeds() -> list[bytes]:
    """What the mutation begins with."""
    honest = [pickle.dumps(value, protocol) for value in HONEST for protocol in range(6)]
    return (
        honest + [data for data, _, _ in ARRAYS.values()] + [data for data in HOSTILE.values() if 0 < len(data) < 2_000]
    )


def mutated(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    """Some bytes changed, put in, taken out, doubled, or those of another pickle put in."""
    damaged = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(damaged) + 1)
        match rng.randrange(6):
            case 0 if at < len(damaged):
                damaged[at] = rng.randrange(256)
            case 1:
                damaged[at:at] = rng.randbytes(rng.randint(1, 6))
            case 2:
                del damaged[at : at + rng.randint(1, 8)]
            case 3:
                damaged[at:at] = damaged[at : at + rng.randint(1, 30)]
            case 4:
                other = rng.choice(others)
                start = rng.randrange(len(other))
                damaged[at:at] = other[start : start + rng.randint(1, 60)]
            case _:
                damaged[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f"))
    return bytes(damaged[: 1 << 16])


def watched(watch: Watch, data: bytes) -> None:
    """Read under the watch.

    Raises:
        AssertionError: Something happened that must not, or a bound does not hold.
    """
    watch.armed = True
    try:
        look(data)
    finally:
        watch.armed = False
    assert not watch.happened, watch.happened


def main(argv: list[str]) -> int:
    """Fuzz. Ends with a traceback and the pickle in it where something is found."""
    for data in seeds():
        look(data)  # imports what is imported late
    options = dict(word.lstrip("-").split("=", 1) for word in argv if "=" in word)
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        return plainly(int(options.get("runs", "200000")), float(options.get("max_total_time", "inf")))
    watch = Watch()
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *argv], lambda data: watched(watch, data))
    atheris.Fuzz()
    return 0


def plainly(runs: int, seconds: float) -> int:
    """Mutate at random."""
    rng, pool, watch = random.Random(0), seeds(), Watch()
    started = time.monotonic()
    done = 0
    while done < runs and time.monotonic() - started < seconds:
        data = mutated(rng.choice(pool), rng, pool)
        try:
            watched(watch, data)
        except BaseException:
            print(f"after {done} pickles: {data!r}")
            raise
        done += 1
    print(f"{done} pickles in {time.monotonic() - started:.0f} s: nothing raised, nothing happened")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
