"""What each opcode of a pickle does, protocols 0 to 5.

Format: CPython's `Lib/pickletools.py`; where that leaves room, what `Lib/pickle.py` does. Two differences: text of
Python 2 that is not ASCII is kept as bytes, and what a call or a name stands for is noted, never fetched.
"""

from __future__ import annotations

import codecs
import re
import struct
from typing import TYPE_CHECKING

from wftui.sources.ray.storage.pickle_values import Buffer, ByteArray, Extension, Items, Pairs, Persistent, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.sources.ray.storage.pickle_machine import Machine, Opcode

OPCODES: list[Opcode | None] = [None] * 256
"""Indexed by opcode; None where there is none."""

_LONGEST_FLOAT = 1_000  # characters; Python writes 24 at most
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"\n": b""}


def _opcode(code: bytes) -> Callable[[Opcode], Opcode]:
    def register(execute: Opcode) -> Opcode:
        OPCODES[code[0]] = execute
        return execute

    return register


def _constant(code: bytes, value: Value) -> None:
    OPCODES[code[0]] = lambda machine: machine.push(value)


_constant(b"N", None)
_constant(b"\x88", True)
_constant(b"\x89", False)

# -- numbers


@_opcode(b"I")
def _int(machine: Machine) -> None:
    line = machine.line()
    if line in (b"00", b"01"):
        machine.push(line == b"01")
    else:
        machine.push(machine.decimal_integer(line))


@_opcode(b"L")
def _long(machine: Machine) -> None:
    line = machine.line()
    machine.push(machine.decimal_integer(line[:-1] if line.endswith(b"L") else line))


@_opcode(b"F")
def _float(machine: Machine) -> None:
    line = machine.line()
    if len(line) > _LONGEST_FLOAT:
        raise machine.bad("a number is malformed")
    try:
        machine.push(float(line))
    except ValueError as error:
        raise machine.bad("a number is malformed") from error


OPCODES[ord("J")] = lambda machine: machine.push(machine.integer(machine.take(4)))
OPCODES[ord("K")] = lambda machine: machine.push(machine.number(1))
OPCODES[ord("M")] = lambda machine: machine.push(machine.number(2))
OPCODES[ord("G")] = lambda machine: machine.push(struct.unpack(">d", machine.take(8))[0])
OPCODES[0x8A] = lambda machine: machine.push(machine.integer(machine.take(machine.number(1))))


@_opcode(b"\x8b")
def _long4(machine: Machine) -> None:
    machine.push(machine.integer(machine.take(_signed_length(machine))))


def _signed_length(machine: Machine) -> int:
    length = int.from_bytes(machine.take(4), "little", signed=True)
    if length < 0:
        raise machine.bad("a negative length")
    return length


# -- text and bytes


def _python2_text(data: bytes) -> Value:
    """The `str` of Python 2: text if it can be one."""
    return data.decode("ascii") if data.isascii() else data


def _unescaped(match: re.Match[bytes]) -> bytes:
    escape = match.group(1)
    if escape[:1] == b"x" and len(escape) == 3:
        return bytes([int(escape[1:], 16)])
    if escape.isdigit() and escape < b"8":
        return bytes([int(escape, 8) & 0xFF])
    return _ESCAPED.get(escape, escape if escape in b"\\'\"" else b"\\" + escape)


@_opcode(b"S")
def _string(machine: Machine) -> None:
    line = machine.line().strip()
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise machine.bad("a text is not in quotes")
    machine.push(_python2_text(_ESCAPE.sub(_unescaped, line[1:-1])))


@_opcode(b"V")
def _unicode(machine: Machine) -> None:
    try:
        # The codec's function itself: looking it up by name would import its module.
        machine.push(codecs.raw_unicode_escape_decode(machine.line(), "strict")[0])
    except UnicodeDecodeError as error:
        raise machine.bad("a text with malformed escapes") from error


OPCODES[ord("T")] = lambda machine: machine.push(_python2_text(machine.take(_signed_length(machine))))
OPCODES[ord("U")] = lambda machine: machine.push(_python2_text(machine.take(machine.number(1))))
OPCODES[ord("B")] = lambda machine: machine.push(machine.take(machine.number(4)))
OPCODES[ord("C")] = lambda machine: machine.push(machine.take(machine.number(1)))
OPCODES[0x8E] = lambda machine: machine.push(machine.take(machine.number(8)))
OPCODES[ord("X")] = lambda machine: machine.push(machine.utf8(machine.take(machine.number(4))))
OPCODES[0x8C] = lambda machine: machine.push(machine.utf8(machine.take(machine.number(1))))
OPCODES[0x8D] = lambda machine: machine.push(machine.utf8(machine.take(machine.number(8))))
OPCODES[0x96] = lambda machine: machine.push(ByteArray(machine.take(machine.number(8))))
OPCODES[0x97] = lambda machine: machine.push(Buffer())


@_opcode(b"\x98")
def _read_only_buffer(machine: Machine) -> None:
    machine.top()


# -- containers

OPCODES[ord(")")] = lambda machine: machine.push(Items("tuple"))
OPCODES[ord("]")] = lambda machine: machine.push(Items("list"))
OPCODES[ord("}")] = lambda machine: machine.push(Pairs())
OPCODES[0x8F] = lambda machine: machine.push(Items("set"))
OPCODES[ord("t")] = lambda machine: machine.push(Items("tuple", machine.pop_mark()))
OPCODES[ord("l")] = lambda machine: machine.push(Items("list", machine.pop_mark()))
OPCODES[0x91] = lambda machine: machine.push(Items("frozenset", machine.pop_mark()))
OPCODES[ord("d")] = lambda machine: machine.push(Pairs(machine.paired(machine.pop_mark())))
OPCODES[ord("a")] = lambda machine: machine.extend([machine.pop()], ("list",))
OPCODES[ord("e")] = lambda machine: machine.extend(machine.pop_mark(), ("list",))
OPCODES[0x90] = lambda machine: machine.extend(machine.pop_mark(), ("set",))
OPCODES[ord("u")] = lambda machine: machine.update(machine.pop_mark())


@_opcode(b"s")
def _set_item(machine: Machine) -> None:
    value = machine.pop()
    machine.update([machine.pop(), value])


def _tuple_of(count: int) -> Opcode:
    def execute(machine: Machine) -> None:
        items = [machine.pop() for _ in range(count)]
        items.reverse()
        machine.push(Items("tuple", items))

    return execute


OPCODES[0x85] = _tuple_of(1)
OPCODES[0x86] = _tuple_of(2)
OPCODES[0x87] = _tuple_of(3)

# -- stack and memo

OPCODES[ord("(")] = lambda machine: machine.mark()
OPCODES[ord("0")] = lambda machine: machine.drop()
OPCODES[ord("2")] = lambda machine: machine.push(machine.top())
OPCODES[ord("p")] = lambda machine: machine.remember(machine.decimal(machine.line()))
OPCODES[ord("q")] = lambda machine: machine.remember(machine.number(1))
OPCODES[ord("r")] = lambda machine: machine.remember(machine.number(4))
OPCODES[0x94] = lambda machine: machine.memoize()
OPCODES[ord("g")] = lambda machine: machine.recall(machine.decimal(machine.line()))
OPCODES[ord("h")] = lambda machine: machine.recall(machine.number(1))
OPCODES[ord("j")] = lambda machine: machine.recall(machine.number(4))


@_opcode(b"1")
def _pop_mark(machine: Machine) -> None:
    machine.pop_mark()


# -- names, calls and states


@_opcode(b"c")
def _global(machine: Machine) -> None:
    module = machine.text_line()
    machine.named(module, machine.text_line())


@_opcode(b"\x93")
def _stack_global(machine: Machine) -> None:
    name = machine.pop()
    machine.named(machine.pop(), name)


@_opcode(b"R")
def _reduce(machine: Machine) -> None:
    args = machine.pop()
    machine.call(machine.pop(), args)


@_opcode(b"\x81")
def _new(machine: Machine) -> None:
    args = machine.pop()
    machine.call(machine.pop(), args, new=True)


@_opcode(b"\x92")
def _new_with_keywords(machine: Machine) -> None:
    kwargs = machine.pop()
    args = machine.pop()
    machine.call(machine.pop(), args, kwargs, new=True)


@_opcode(b"i")
def _instance(machine: Machine) -> None:
    module = machine.text_line()
    name = machine.text_line()
    args = machine.pop_mark()
    machine.named(module, name)
    machine.call(machine.pop(), Items("tuple", args))


@_opcode(b"o")
def _object(machine: Machine) -> None:
    group = machine.pop_mark()
    if not group:
        raise machine.bad("a class is missing")
    machine.call(group[0], Items("tuple", group[1:]))


OPCODES[ord("b")] = lambda machine: machine.build()


@_opcode(b"P")
def _persistent(machine: Machine) -> None:
    machine.push(Persistent(machine.text_line()))


@_opcode(b"Q")
def _persistent_on_stack(machine: Machine) -> None:
    machine.push(Persistent(machine.pop()))


def _extension(count: int) -> Opcode:
    def execute(machine: Machine) -> None:
        code = machine.number(count)
        if not 0 < code < 1 << 31:
            raise machine.bad("an extension code that cannot be")
        machine.push(Extension(code))

    return execute


OPCODES[0x82] = _extension(1)
OPCODES[0x83] = _extension(2)
OPCODES[0x84] = _extension(4)

# -- the pickle itself

OPCODES[0x80] = lambda machine: machine.begin(machine.number(1))
OPCODES[0x95] = lambda machine: machine.frame(machine.number(8))
OPCODES[ord(".")] = lambda machine: machine.stop()
