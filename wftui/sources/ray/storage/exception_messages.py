"""What `str` of an exception gives, worked out from what its pickle holds.

Every rule follows the C or Python source of the class named by it (`Objects/exceptions.c`, `Lib/subprocess.py`,
`Lib/json/decoder.py`, `ray/exceptions.py`); what a rule cannot tell for certain is None, and then the text is
`Type(args)`.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from wftui.sources.ray.storage.exception_classes import PLAIN
from wftui.sources.ray.storage.exception_raised import Raised, file_name, raised
from wftui.sources.ray.storage.pickle_library import library_texts
from wftui.sources.ray.storage.pickle_rendering import Rendered, render_call, rendered
from wftui.sources.ray.storage.pickle_values import Items, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST = 65_536
"""Characters of a message; a longer one is cut and ends in "…"."""

_DEPTH = 8  # exceptions that are the message of each other

_CONSTANTS = {
    "ray.exceptions.LocalRayletDiedError": "The task's local raylet died. Check raylet.out for more information.",
    "ray.exceptions.WorkerCrashedError": "The worker died unexpectedly while executing this task. "
    "Check python-core-worker-*.log files for more information.",
    "ray.exceptions.TaskPlacementGroupRemoved": "The placement group corresponding to this task has been removed.",
    "ray.exceptions.ActorPlacementGroupRemoved": "The placement group corresponding to this Actor has been removed.",
}


def message(error: Raised, *, depth: int = _DEPTH) -> Rendered:
    """Its `str`, and whether that is certain; `Type(args)` where it is not."""
    rule = _RULES.get(error.cls.rule or "")
    told = rule(error, depth) if rule else None
    if told is not None and told.exact:
        return Rendered(told.text[:LONGEST] + "…", exact=True) if len(told.text) > LONGEST + 1 else told
    return Rendered(render_call(error.cls.own_name, error.args, error.call.kwargs, limit=LONGEST), exact=False)


def _text(value: Value, depth: int) -> Rendered:
    """What `str` gives for an argument."""
    if isinstance(value, str):
        return Rendered(value[:LONGEST] + "…" if len(value) > LONGEST else value, exact=True)
    if texts := library_texts(value):
        return Rendered(texts.text, exact=True)
    inner = raised(value) if depth > 0 else None
    if inner is not None and inner.cls.rule:
        return message(inner, depth=depth - 1)
    return rendered(value, limit=LONGEST)


def _joined(pieces: Sequence[str | Rendered]) -> Rendered:
    texts = [piece if isinstance(piece, str) else piece.text for piece in pieces]
    return Rendered("".join(texts), all(isinstance(piece, str) or piece.exact for piece in pieces))


def _repr(value: Value) -> Rendered:
    return rendered(value, limit=LONGEST)


# -- the rules, by the class that they come from


def _base(error: Raised, depth: int) -> Rendered | None:
    if not error.args:
        return Rendered("", exact=True)
    if len(error.args) == 1:
        return _text(error.args[0], depth)
    return _repr(Items("tuple", list(error.args)))


def _key_error(error: Raised, depth: int) -> Rendered | None:
    return _repr(error.args[0]) if len(error.args) == 1 else _base(error, depth)


def _os_error(error: Raised, depth: int) -> Rendered | None:
    args = error.args
    if not 2 <= len(args) <= 5:
        return _base(error, depth)
    number, text = args[0], args[1]
    name = file_name(error)
    second = args[4] if len(args) > 4 else None
    start: list[str | Rendered] = ["[Errno ", _text(number, depth), "] ", _text(text, depth)]
    if name is None:
        return _joined(start)
    if second is None:
        return _joined([*start, ": ", _repr(name)])
    return _joined([*start, ": ", _repr(name), " -> ", _repr(second)])


def _span(start: int, end: int, size: int, one: str, many: str) -> str | None:
    """The middle of a Unicode error's text; None for a span that Pythons print differently."""
    if not 0 <= start < end <= size:
        return None
    return f"{one} in position {start}" if end == start + 1 else f"{many} in position {start}-{end - 1}"


def _escaped(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"'\\x{code:02x}'"
    return f"'\\u{code:04x}'" if code <= 0xFFFF else f"'\\U{code:08x}'"


def _unicode(error: Raised, _depth: int) -> Rendered | None:
    match error.args:
        case [str() as codec, bytes() as data, int() as start, int() as end, str() as reason]:
            byte = data[start] if 0 <= start < len(data) else 0
            span = _span(start, end, len(data), f"byte 0x{byte:02x}", "bytes")
            verb, whose = "decode", f"'{codec}' codec "
            fits = error.cls.rule == "UnicodeDecodeError"
        case [str() as codec, str() as text, int() as start, int() as end, str() as reason]:
            char = text[start] if 0 <= start < len(text) else " "
            span = _span(start, end, len(text), f"character {_escaped(char)}", "characters")
            verb, whose = "encode", f"'{codec}' codec "
            fits = error.cls.rule == "UnicodeEncodeError"
        case [str() as text, int() as start, int() as end, str() as reason]:
            char = text[start] if 0 <= start < len(text) else " "
            span = _span(start, end, len(text), f"character {_escaped(char)}", "characters")
            verb, whose = "translate", ""
            fits = error.cls.rule == "UnicodeTranslateError"
        case _:
            return None
    return Rendered(f"{whose}can't {verb} {span}: {reason}", exact=True) if span and fits else None


def _syntax_error(error: Raised, depth: int) -> Rendered | None:
    args = error.args
    what = _text(args[0] if args else None, depth)
    file_name: Value = None
    line: Value = None
    if len(args) == 2:
        match args[1]:
            case Items(kind="tuple", items=[file_name, line, _, _] | [file_name, line, _, _, _, _]):
                pass
            case _:
                return None
    places = []
    if isinstance(file_name, str):
        places.append(file_name.rsplit("/", 1)[-1])
    if type(line) is int:
        if abs(line) >= 1 << 63:
            return None
        places.append(f"line {line}")
    return _joined([what, f" ({', '.join(places)})"]) if places else what


def _group(error: Raised, _depth: int) -> Rendered | None:
    match error.args:
        case [str() as text, Items(kind="list" | "tuple", items=errors)] if errors:
            plural = "" if len(errors) == 1 else "s"
            return Rendered(f"{text} ({len(errors)} sub-exception{plural})", exact=True)
    return None


def _field(error: Raised, name: str, position: int) -> Value:
    found = error.attribute(name)
    if found:
        return found[0]
    return error.args[position] if position < len(error.args) else None


def _called_process_error(error: Raised, depth: int) -> Rendered | None:
    code = _field(error, "returncode", 0)
    command = _joined(["Command '", _text(_field(error, "cmd", 1), depth), "' "])
    if not isinstance(code, int):
        return None
    if code >= 0:
        return _joined([command, f"returned non-zero exit status {code:d}."])
    try:
        return _joined([command, f"died with {signal.Signals(-code)!r}."])
    except ValueError:
        return _joined([command, f"died with unknown signal {-code:d}."])


def _timeout_expired(error: Raised, depth: int) -> Rendered | None:
    command, seconds = _field(error, "cmd", 0), _field(error, "timeout", 1)
    return _joined(["Command '", _text(command, depth), "' timed out after ", _text(seconds, depth), " seconds"])


def _json_decode_error(error: Raised, _depth: int) -> Rendered | None:
    match error.args:
        case [str() as what, str() as document, int() as position] if position >= 0:
            line = document.count("\n", 0, position) + 1
            column = position - document.rfind("\n", 0, position)
            return Rendered(f"{what}: line {line} column {column} (char {position})", exact=True)
    return None


def _attribute_rule(name: str, before: str = "") -> Callable[[Raised, int], Rendered | None]:
    def rule(error: Raised, _depth: int) -> Rendered | None:
        match error.attribute(name):
            case (str() as text,):
                return Rendered(before + text, exact=True)
        return None

    return rule


def _runtime_env(error: Raised, _depth: int) -> Rendered | None:
    start = "Failed to set up runtime environment."
    match error.attribute("error_message"):
        case (None | "",):
            return Rendered(start, exact=True)
        case (str() as text,):
            return Rendered(f"{start}\n{text}", exact=True)
    return None


def _constant(error: Raised, _depth: int) -> Rendered | None:
    text = _CONSTANTS.get(error.cls.name)
    return None if text is None else Rendered(text, exact=True)


_RULES: dict[str, Callable[[Raised, int], Rendered | None]] = {
    PLAIN: _base,
    "KeyError": _key_error,
    "OSError": _os_error,
    "UnicodeDecodeError": _unicode,
    "UnicodeEncodeError": _unicode,
    "UnicodeTranslateError": _unicode,
    "SyntaxError": _syntax_error,
    "BaseExceptionGroup": _group,
    "CalledProcessError": _called_process_error,
    "TimeoutExpired": _timeout_expired,
    "JSONDecodeError": _json_decode_error,
    "error_msg": _attribute_rule("error_msg"),
    "message": _attribute_rule("message"),
    "RuntimeEnvSetupError": _runtime_env,
    "TaskUnschedulableError": _attribute_rule("error_message", "The task is not schedulable: "),
    "ActorUnschedulableError": _attribute_rule("error_message", "The actor is not schedulable: "),
    "constant": _constant,
}
