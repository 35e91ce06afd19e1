"""Values that older protocols write as calls, taken for what they stand for: a closed list, nothing is called.

Protocols 0 to 3 have no opcode for bytes, sets, byte arrays or nested names and write `_codecs.encode('…', 'latin1')`,
`builtins.set([…])` and so on; complex numbers and objects are calls in every protocol.
"""

from __future__ import annotations

from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from typing import TYPE_CHECKING

from wftui.sources.ray.storage.pickle_values import ByteArray, Call, Global, Items, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    Spend = Callable[[int], None]

_POINTER = 8  # bytes that an item of a list takes


def named(module: str, name: str, protocol: int) -> Global:
    """What a module and a name stand for; up to protocol 2 they are Python 2's, as `pickle` maps them."""
    if protocol < 3:
        if (module, name) in NAME_MAPPING:
            module, name = NAME_MAPPING[(module, name)]
        elif module in IMPORT_MAPPING:
            module = IMPORT_MAPPING[module]
    return Global(module, name)


def made(call: Call, spend: Spend) -> Value:
    """The value that a call stands for, or the call.

    Args:
        call: The call, as it was read.
        spend: Told how many bytes are made anew; it raises when that is too much.
    """
    function = call.function
    if not isinstance(function, Global) or call.kwargs:
        return call
    maker = _MAKERS.get((function.module, function.name))
    return maker(call, spend) if maker else call


def _encoded(call: Call, spend: Spend) -> Value:
    match call.args:
        case [str() as text, "latin1" | "latin-1"]:
            data = _latin1(text, spend)
            return call if data is None else data
    return call


def _latin1(text: str, spend: Spend) -> bytes | None:
    spend(len(text))
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _bytes(call: Call, _spend: Spend) -> Value:
    return call if call.args else b""


def _bytearray(call: Call, spend: Spend) -> Value:
    match call.args:
        case []:
            return ByteArray(b"")
        case [bytes() as data]:
            return ByteArray(data)
        case [str() as text, "latin1" | "latin-1"]:
            data_or_none = _latin1(text, spend)
            return call if data_or_none is None else ByteArray(data_or_none)
    return call


def _set(call: Call, spend: Spend) -> Value:
    match call.args:
        case [Items(kind="list", items=items)]:
            spend(len(items) * _POINTER)
            return Items("set", list(items))
    return call


def _frozenset(call: Call, spend: Spend) -> Value:
    made_set = _set(call, spend)
    return Items("frozenset", made_set.items) if isinstance(made_set, Items) else call


def _complex(call: Call, _spend: Spend) -> Value:
    match call.args:
        case [float() as real, float() as imaginary]:
            return complex(real, imaginary)
    return call


def _attribute(call: Call, spend: Spend) -> Value:
    match call.args:
        case [Global(module=module, name=outer), str() as inner]:
            spend(len(outer) + len(inner))
            return Global(module, f"{outer}.{inner}")
    return call


def _new_object(call: Call, spend: Spend) -> Value:
    if not call.args:
        return call
    spend(len(call.args) * _POINTER)
    return Call(call.args[0], call.args[1:], is_new=True)


def _reconstructed(call: Call, _spend: Spend) -> Value:
    match call.args:
        case [cls, Global(module="builtins", name="object"), None]:
            return Call(cls, is_new=True)
    return call


_MAKERS: dict[tuple[str, str], Callable[[Call, Spend], Value]] = {
    ("_codecs", "encode"): _encoded,
    ("builtins", "bytes"): _bytes,
    ("builtins", "bytearray"): _bytearray,
    ("builtins", "set"): _set,
    ("builtins", "frozenset"): _frozenset,
    ("builtins", "complex"): _complex,
    ("builtins", "getattr"): _attribute,
    ("copyreg", "__newobj__"): _new_object,
    ("copyreg", "_reconstructor"): _reconstructed,
}
