"""Pickles that nobody means well with, by name. Each is small; none may cost, import, open or run anything."""

from __future__ import annotations

import pickle
import struct

BIG = 12_000  # deeper than what is allowed


def _text(text: str) -> bytes:
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _call(module: str, name: str, *args: str) -> bytes:
    return f"c{module}\n{name}\n(".encode() + b"".join(_text(arg) for arg in args) + b"tR"


def _index(number: int) -> bytes:
    return struct.pack("<I", number)


def _long(number: int) -> bytes:
    return number.to_bytes(9, "little")


def _class_of_itself() -> bytes:
    made = b"cx.cloudpickle\n_make_skeleton_class\n(cbuiltins\ntype\n" + _text("E") + b"]q\x00}" + _text("id") + b"NtR"
    return made + b"q\x01h\x00h\x01a0)R."


def _often(args: bytes, function: str) -> bytes:
    """The same large arguments given to many calls."""
    module, name = function.split()
    called = f"c{module}\n{name}\nq\x01".encode()
    return b"\x80\x02" + args + b"q\x00" + called + b"h\x01h\x00R0" * 20_000 + b"N."


def _laughs() -> bytes:
    """Lists of ten times the list before."""
    levels = (b"](" + (b"h" + bytes([i])) * 10 + b"eq" + bytes([i + 1]) for i in range(200))
    return b"]q\x00" + b"".join(levels) + b"."


def _groups() -> bytes:
    """Exception groups of four times the group before."""
    one = b"cbuiltins\nExceptionGroup\n" + _text("g") + b"](h\x00h\x00h\x00h\x00e\x86Rq\x00"
    return b"cbuiltins\nValueError\n)Rq\x00" + one * 200 + b"."


HOSTILE: dict[str, bytes] = {
    # What a pickle is feared for.
    "os.system": _call("os", "system", "touch /tmp/wftui-was-here") + b".",
    "posix.system": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
    "builtins.exec": _call("builtins", "exec", "raise SystemExit(3)") + b".",
    "builtins.eval": _call("__builtin__", "eval", "open('/etc/passwd')") + b".",
    "builtins.open": _call("builtins", "open", "/etc/passwd") + b".",
    "builtins.__import__": _call("builtins", "__import__", "antigravity") + b".",
    "subprocess.Popen": _call("subprocess", "Popen", "true") + b".",
    "marshal.loads": b"cmarshal\nloads\n(C\x01NtR.",
    "INST": b"(X\x04\x00\x00\x00trueios\nsystem\n.",
    "OBJ": b"(cos\nsystem\nX\x04\x00\x00\x00trueo.",
    "NEWOBJ": b"\x80\x04cos\nsystem\nX\x04\x00\x00\x00true\x85\x81.",
    "NEWOBJ_EX": b"\x80\x04cos\nsystem\nX\x04\x00\x00\x00true\x85}\x92.",
    "BUILD": b"\x80\x04cbuiltins\nValueError\n)R}(X\x0c\x00\x00\x00__setstate__cos\nsystem\nub.",
    "an import of a module that prints": b"cthis\nd\n.",
    "a code module": b"\x80\x04\x8c\x0bantigravity\x8c\x03fly\x93.",
    "two results of calls": _call("os", "getpid") + b"0" + _call("os", "getpid") + b".",
    # What makes it allocate.
    "LONG_BINPUT of the largest index": b"\x80\x04Nr\xff\xff\xff\x0f.",
    "LONG_BINPUT of 4294967295": b"\x80\x04Nr\xff\xff\xff\xff.",
    "PUT of a long index": b"Np" + b"9" * 4000 + b"\n.",
    "BINUNICODE of 4 GB": b"\x80\x04X\xff\xff\xff\xff.",
    "BINUNICODE8 of 16 EB": b"\x80\x04\x8d" + b"\xff" * 8 + b".",
    "BINBYTES of 4 GB": b"\x80\x04B\xff\xff\xff\xff.",
    "BINBYTES8 of 16 EB": b"\x80\x04\x8e" + b"\xff" * 8 + b".",
    "BYTEARRAY8 of 16 EB": b"\x80\x05\x96" + b"\xff" * 8 + b".",
    "BINSTRING of a negative length": b"T\xff\xff\xff\xff.",
    "LONG4 of a negative length": b"\x80\x04\x8b\xff\xff\xff\xff.",
    "LONG4 of 2 GB": b"\x80\x04\x8b\xff\xff\xff\x7f.",
    "FRAME of 16 EB": b"\x80\x04\x95" + b"\xff" * 8 + b"N.",
    "FRAME that ends early": b"\x80\x04\x95" + struct.pack("<Q", 1) + b"X\x03\x00\x00\x00abc.",
    "many memo entries": b"N" + b"\x94" * BIG + b".",
    "many memo entries far apart": b"N" + b"".join(b"r" + _index(i * 40_000) for i in range(20_000)) + b".",
    "billion laughs": _laughs(),
    "billion laughs in tuples": b")" + b"2\x86" * 1000 + b".",
    "billion laughs in a call": b"cbuiltins\nValueError\n)" + b"2\x86" * 1000 + b"\x85R.",
    "one long tuple in many calls": _often(b"(" + b"N" * 20_000 + b"t", "os f"),
    "one long list in many sets": _often(b"(" + b"N" * 20_000 + b"l\x85", "builtins set"),
    "one long text encoded many times": _often(_text("a" * 50_000) + _text("latin1") + b"\x86", "_codecs encode"),
    "a name that grows": b"cm\nc\n" + (b"q\x00cbuiltins\ngetattr\nh\x00" + _text("a" * 200) + b"\x86R") * 3000 + b".",
    # What makes it recurse.
    "nested lists": b"]" * BIG + b"a" * (BIG - 1) + b".",
    "nested tuples": b")" + b"\x85" * BIG + b".",
    "nested marks": b"(" * BIG + b"t" * BIG + b".",
    "nested dicts": b"}Nq\x00" + b"}h\x00" * BIG + b"s" * BIG + b".",
    "nested calls": b"cbuiltins\nValueError\nq\x00" + b"h\x00" * BIG + b")R" + b"\x85R" * BIG + b".",
    "nested persistent ids": b"N" + b"Q" * BIG + b".",
    "a cyclic list": b"]q\x00h\x00a.",
    "a cyclic dict": b"}q\x00Nh\x00s.",
    "a cyclic tuple": b"]q\x00h\x00\x85q\x01a0h\x01.",
    "an exception that is its own argument": b"cbuiltins\nValueError\n]q\x00\x85Rq\x01h\x00h\x01a0h\x01.",
    "an exception that is its own cause": b"cray.exceptions\nRayTaskError\n)Rq\x00}X\x05\x00\x00\x00causeh\x00sb.",
    "a group that holds itself": b"cbuiltins\nExceptionGroup\nX\x01\x00\x00\x00g]q\x00\x86Rq\x01h\x00h\x01a0h\x01.",
    "groups of groups": _groups(),
    "a class that is its own base": _class_of_itself(),
    "DUP bomb": b"N" + b"2" * BIG + b"(" + b"N" * 10 + b"t.",
    # What costs time in other ways.
    "a decimal of many digits": b"I" + b"9" * BIG + b"\n.",
    "a long decimal of many digits": b"L" + b"9" * BIG + b"L\n.",
    "a float of many digits": b"F" + b"9" * BIG + b"\n.",
    "a binary integer of many bytes": b"\x8b" + struct.pack("<i", BIG) + b"\x7f" * BIG + b".",
    "equal hashes": b"("
    + b"".join(b"\x8a\x09" + (i * (2**61 - 1)).to_bytes(9, "little") + b"N" for i in range(900))
    + b"d.",
    "many states": b"cbuiltins\nValueError\n)R" + b"}b" * 50_000 + b".",
    "many setters": b"cbuiltins\nValueError\n)Rq\x00" + b"cm\nf\nh\x00N\x86R0" * 20_000 + b".",
    "unhashable keys": b"}]]s}}s.",
    "a long name": b"\x80\x04" + _text("m" * 200_000) + _text("n" * 200_000) + b"\x93)R.",
    "a long message of a group": b"cbuiltins\nExceptionGroup\n" + _text("g" * 200_000) + b"](Ne\x86R.",
    # What is malformed.
    "nothing": b"",
    "only STOP": b".",
    "no STOP": b"N",
    "stack underflow": b"0.",
    "REDUCE on nothing": b"R.",
    "REDUCE with arguments that are no tuple": b"cos\nsystem\n]R.",
    "BUILD on nothing": b"Nb.",
    "BUILD on a number": b"NNb.",
    "APPEND to a number": b"K\x01Na.",
    "SETITEMS of three": b"}(NNNu.",
    "a missing mark": b"NNt.",
    "a mark left open": b"(N.",
    "STACK_GLOBAL of numbers": b"\x80\x04K\x01K\x02\x93.",
    "STACK_GLOBAL of one": b"\x80\x04N\x93.",
    "OBJ of nothing": b"(o.",
    "GET of a negative index": b"g-1\n.",
    "PUT of a negative index": b"Np-1\n.",
    "GET of what is not there": b"h\x07.",
    "protocol 255": b"\x80\xffN.",
    "an opcode that is none": b"\x80\x04\xff.",
    "extension code": b"\x82\x01.",
    "extension code 0": b"\x82\x00.",
    "extension code beyond": b"\x84\xff\xff\xff\xff.",
    "persistent id": b"Pfile:///etc/passwd\n.",
    "next buffer": b"\x80\x05\x97.",
    "read-only nothing": b"\x80\x05\x98.",
    "invalid UTF-8": b"X\x02\x00\x00\x00\xff\xfe.",
    "a surrogate": b"X\x03\x00\x00\x00\xed\xa0\x80.",
    "an exception with a surrogate": b"cbuiltins\nValueError\nX\x03\x00\x00\x00\xed\xa0\x80\x85R.",
    "an invalid escape": b"S'\\q'\n.",
    "an unfinished escape": b"S'\\x1'\n.",
    "an unfinished unicode escape": b"V\\u12\n.",
    "a unicode escape beyond": b"V\\Uffffffff\n.",
    "text without quotes": b"Sabc\n.",
    "a name that is not UTF-8": b"c\xff\n\xfe\n.",
    "an integer that is none": b"Iabc\n.",
    "a float that is none": b"Fabc\n.",
    "text": b"Traceback (most recent call last):\n",
    "JSON": b'{"status": "FAILED"}',
    "zeroes": b"\x00" * 1000,
    "cut in a frame": pickle.dumps(ValueError("a" * 1000), 5)[:200],
}
