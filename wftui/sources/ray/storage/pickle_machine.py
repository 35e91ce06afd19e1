"""The machine that goes through a pickle's opcodes and only takes notes of what they ask for.

It has the stack, the marks and the memo; `pickle_opcodes` says what each opcode does with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.sources.ray.storage import pickle_making as making
from wftui.sources.ray.storage.pickle_values import (
    Call,
    Items,
    ItemsKind,
    Limits,
    Node,
    Omitted,
    Pairs,
    UnreadablePickle,
    Value,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Opcode = Callable[["Machine"], None]

HIGHEST_PROTOCOL = 5
_LONGEST_NUMBER = 2_500  # characters; decimal text costs its square, and 1024 bytes are 2467 digits


class Machine:
    """One pass over one pickle."""

    __slots__ = (
        "_data",
        "_done",
        "_frame_end",
        "_limits",
        "_made",
        "_marks",
        "_memo",
        "_position",
        "_protocol",
        "_stack",
        "_table",
    )

    def __init__(self, data: bytes, table: Sequence[Opcode | None], limits: Limits) -> None:
        self._data = data
        self._table = table
        self._limits = limits
        self._position = 0
        self._frame_end = 0
        self._stack: list[Value] = []
        self._marks: list[list[Value]] = []
        self._memo: dict[int, Value] = {}
        self._made = 0
        self._done = False
        self._protocol = 0

    def run(self) -> Value:
        """Execute up to the STOP opcode, and give what it leaves.

        Raises:
            UnreadablePickle: It cannot be read.
        """
        try:
            return self._run()
        except UnreadablePickle as unreadable:
            oldest = self._marks[0] if self._marks else self._stack
            unreadable.begun = oldest[0] if oldest else None
            raise

    def _run(self) -> Value:
        data, size, table = self._data, len(self._data), self._table
        for _ in range(self._limits.opcodes):
            if self._position >= size:
                raise self.cut_short()
            code = data[self._position]
            execute = table[code]
            if execute is None:
                raise UnreadablePickle(f"is no pickle: there is no opcode {code:#04x} (byte {self._position})")
            self._position += 1
            execute(self)
            if self._done:
                return self._finish()
        raise UnreadablePickle(f"has more than {self._limits.opcodes} opcodes")

    def _finish(self) -> Value:
        if self._frame_end > len(self._data):
            raise self.cut_short()
        value = self.pop()
        self._check_depth(value)
        return value

    def _check_depth(self, root: Value) -> None:
        """Breadth first, each node once: costs what was read."""
        seen: set[int] = set()
        level: list[Value] = [root]
        for _ in range(self._limits.depth + 1):
            following: list[Value] = []
            for node in level:
                if isinstance(node, Node) and id(node) not in seen:
                    seen.add(id(node))
                    following.extend(children(node))
            if not following:
                return
            level = following
        raise UnreadablePickle(f"holds values more than {self._limits.depth} deep in each other")

    # -- what the opcodes are made of

    def cut_short(self) -> UnreadablePickle:
        """The error for data that ends too early."""
        return UnreadablePickle(f"is cut short after {len(self._data)} bytes", cut_short=True)

    def bad(self, what: str) -> UnreadablePickle:
        """The error for data that no pickler writes."""
        return UnreadablePickle(f"is damaged: {what} (before byte {self._position})")

    def take(self, count: int) -> bytes:
        """The next `count` bytes; nothing is allocated for bytes that are not there."""
        start = self._position
        if count > len(self._data) - start:
            raise self.cut_short()
        self._position = start + count
        return self._data[start : self._position]

    def number(self, count: int) -> int:
        """The next `count` bytes as an unsigned integer."""
        return int.from_bytes(self.take(count), "little")

    def line(self) -> bytes:
        """The rest of the line, without its end."""
        end = self._data.find(b"\n", self._position)
        if end < 0:
            raise self.cut_short()
        text = self._data[self._position : end]
        self._position = end + 1
        return text

    def text_line(self) -> str:
        """The rest of the line as UTF-8."""
        return self.utf8(self.line())

    def utf8(self, data: bytes) -> str:
        """The text of a unicode opcode; lone surrogates are as Python writes them."""
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise self.bad("text that is not UTF-8") from error

    def push(self, value: Value) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def pop(self) -> Value:
        """Take the newest value off the stack."""
        if not self._stack:
            raise self.bad("a value is missing")
        return self._stack.pop()

    def top(self) -> Value:
        """The newest value of the stack."""
        if not self._stack:
            raise self.bad("a value is missing")
        return self._stack[-1]

    def mark(self) -> None:
        """Begin a group of values."""
        if len(self._marks) >= self._limits.depth:
            raise UnreadablePickle(f"holds values more than {self._limits.depth} deep in each other")
        self._marks.append(self._stack)
        self._stack = []

    def pop_mark(self) -> list[Value]:
        """End a group of values."""
        if not self._marks:
            raise self.bad("a mark is missing")
        group = self._stack
        self._stack = self._marks.pop()
        return group

    def drop(self) -> None:
        """Drop the newest value; with it a call, where that was one to set the state of the value below."""
        if not self._stack:
            self.pop_mark()
            return
        dropped = self._stack.pop()
        if self._stack and isinstance(dropped, Call) and len(dropped.args) == 2:
            below = self._stack[-1]
            if isinstance(below, Call) and dropped.args[0] is below:
                if below.setters is None:
                    below.setters = []
                below.setters.append(dropped)

    def remember(self, index: int) -> None:
        """Put the newest value into the memo."""
        if index < 0:
            raise self.bad("a negative memo index")
        if len(self._memo) >= self._limits.memo and index not in self._memo:
            raise UnreadablePickle(f"has more than {self._limits.memo} memo entries")
        self._memo[index] = self.top()

    def memoize(self) -> None:
        """Put the newest value into the memo, under the number of its entries."""
        self.remember(len(self._memo))

    def recall(self, index: int) -> None:
        """Push a value of the memo."""
        if index not in self._memo:
            raise self.bad(f"there is no memo entry {index}")
        self._stack.append(self._memo[index])

    def decimal(self, text: bytes) -> int:
        """A decimal memo index or code."""
        if not text.isdigit() or len(text) > 20:
            raise self.bad("a number is malformed")
        return int(text)

    def frame(self, length: int) -> None:
        """Note where a frame says that it ends; whether it does is judged at the end of the pickle."""
        self._frame_end = max(self._frame_end, self._position + length)

    def stop(self) -> None:
        """The pickle ends here."""
        self._done = True

    def begin(self, protocol: int) -> None:
        """The pickle tells its protocol."""
        if protocol > HIGHEST_PROTOCOL:
            raise UnreadablePickle(f"is of pickle protocol {protocol}, which is not known")
        self._protocol = protocol

    def spend(self, made: int) -> None:
        """Account for bytes that are made out of older values."""
        self._made += made
        if self._made > self._limits.made:
            raise UnreadablePickle(f"would grow beyond {self._limits.made} bytes")

    def integer(self, data: bytes) -> Value:
        """A two's complement integer."""
        if len(data) > self._limits.integer:
            return Omitted(f"an integer of {len(data)} bytes")
        return int.from_bytes(data, "little", signed=True)

    def decimal_integer(self, text: bytes) -> Value:
        """An integer as `int(text, 0)` reads it."""
        if len(text) > _LONGEST_NUMBER:
            return Omitted(f"an integer of {len(text)} digits")
        try:
            return int(text, 0)
        except ValueError as error:
            raise self.bad("a number is malformed") from error

    def call(self, function: Value, args: Value, kwargs: Value = None, *, new: bool = False) -> None:
        """Push what a call would give."""
        if not isinstance(args, Items) or args.kind != "tuple":
            raise self.bad("the arguments of a call are no tuple")
        if kwargs is not None and not isinstance(kwargs, Pairs):
            raise self.bad("the keyword arguments of a call are no dict")
        named = kwargs.pairs if isinstance(kwargs, Pairs) and kwargs.pairs else None
        # The arguments are not copied, but gone through again for every call that shares them.
        self.spend(len(args.items) + len(named or ()))
        self._stack.append(making.made(Call(function, args.items, named, new), self.spend))

    def named(self, module: Value, name: Value) -> None:
        """Push what a module and a name stand for."""
        if type(module) is not str or type(name) is not str:
            raise self.bad("a module or a name is no text")
        self._stack.append(making.named(module, name, self._protocol))

    def build(self) -> None:
        """Note a state for the value below it."""
        state = self.pop()
        target = self.top()
        if not isinstance(target, Call):
            raise self.bad("a state for something that has none")
        if target.states is None:
            target.states = [state]
        else:
            target.states.append(state)

    def extend(self, values: list[Value], kinds: tuple[ItemsKind, ...]) -> None:
        """Append to the newest value."""
        target = self.top()
        if isinstance(target, Items) and target.kind in kinds:
            target.items.extend(values)
        elif isinstance(target, Call):
            if target.items is None:
                target.items = []
            target.items.extend(values)
        else:
            raise self.bad("items for something that has none")

    def update(self, values: list[Value]) -> None:
        """Set pairs on the newest value."""
        target = self.top()
        if isinstance(target, Call) and target.pairs is None:
            target.pairs = []
        if not isinstance(target, (Pairs, Call)) or target.pairs is None:
            raise self.bad("pairs for something that has none")
        target.pairs.extend(self.paired(values))

    def paired(self, values: list[Value]) -> list[tuple[Value, Value]]:
        """Values as the pairs that they are."""
        if len(values) % 2:
            raise self.bad("a key without a value")
        return list(zip(values[::2], values[1::2], strict=True))
