"""What is known of the class of an exception from its pickle, without importing it.

A class is either named (`shop.NoStock`), and then known only if it is Python's or Ray's, or it was written by value
(`cloudpickled`), and then known if its bases are.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from wftui.sources.ray.storage.cloudpickled import ClassByValue, class_by_value, class_dict, is_machinery
from wftui.sources.ray.storage.pickle_values import Global, Pairs, Value, entries

PLAIN = "BaseException"
"""The rule for classes that take `str` from BaseException."""

_LONGEST_NAME = 1_000  # characters
_ANCESTRY = 64  # classes looked at; beyond that nothing is certain
_ATTRIBUTES = 5_000  # of all of them together

# Builtin exceptions whose `str` is not BaseException's (ImportError's gives the same text).
_OWN_RULES = (
    "KeyError",
    "OSError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeTranslateError",
    "SyntaxError",
    "BaseExceptionGroup",
)


def _builtin_rules() -> dict[str, str]:
    rules = {
        # Not in every Python that this runs on.
        "BaseExceptionGroup": "BaseExceptionGroup",
        "ExceptionGroup": "BaseExceptionGroup",
        "EncodingWarning": PLAIN,
        "PythonFinalizationError": PLAIN,
    }
    for name, cls in vars(builtins).items():
        if isinstance(cls, type) and issubclass(cls, BaseException):
            ancestors = [ancestor.__name__ for ancestor in cls.__mro__]
            rules[name] = next((rule for rule in ancestors if rule in _OWN_RULES), PLAIN)
    return rules


BUILTIN_RULES = _builtin_rules()
"""The rule of every builtin exception, by its name."""

_BUILTIN_CLASSES = {name for name, value in vars(builtins).items() if isinstance(value, type)}

# Classes of the standard library and of Ray that take `str` and `__reduce__` from BaseException, in every version.
_PLAIN_CLASSES = {
    "argparse": "ArgumentTypeError",
    "asyncio.exceptions": "CancelledError InvalidStateError SendfileNotAvailableError TimeoutError BrokenBarrierError",
    "asyncio.queues": "QueueEmpty QueueFull QueueShutDown",
    "binascii": "Error Incomplete",
    "concurrent.futures._base": "BrokenExecutor CancelledError Error InvalidStateError TimeoutError",
    "concurrent.futures.process": "BrokenProcessPool",
    "concurrent.futures.thread": "BrokenThreadPool",
    "copy": "Error",
    "_csv": "Error",
    "ctypes": "ArgumentError",
    "decimal": "Clamped ConversionSyntax DecimalException DivisionByZero DivisionImpossible DivisionUndefined "
    "FloatOperation Inexact InvalidContext InvalidOperation Overflow Rounded Subnormal Underflow",
    "ftplib": "Error error_perm error_proto error_reply error_temp",
    "graphlib": "CycleError",
    "http.client": "BadStatusLine CannotSendHeader CannotSendRequest HTTPException ImproperConnectionState InvalidURL "
    "LineTooLong NotConnected ResponseNotReady UnimplementedFileMode UnknownProtocol UnknownTransferEncoding",
    "http.cookies": "CookieError",
    "ipaddress": "AddressValueError NetmaskValueError",
    "_lzma": "LZMAError",
    "multiprocessing.context": "AuthenticationError BufferTooShort ProcessError TimeoutError",
    "_pickle": "PickleError PicklingError UnpicklingError",
    "pickle": "PickleError PicklingError UnpicklingError",
    "plistlib": "InvalidFileException",
    "_queue": "Empty",
    "queue": "Full ShutDown",
    "shutil": "RegistryError",
    "sqlite3": "DataError DatabaseError Error IntegrityError InterfaceError InternalError NotSupportedError "
    "OperationalError ProgrammingError Warning",
    "statistics": "StatisticsError",
    "struct": "error",
    "subprocess": "SubprocessError",
    "tarfile": "CompressionError ExtractError HeaderError ReadError StreamError TarError",
    "threading": "BrokenBarrierError",
    "tokenize": "TokenError",
    "xml.parsers.expat": "ExpatError",
    "zipfile": "BadZipFile LargeZipFile",
    "zlib": "error",
    "ray.exceptions": "RayError CrossLanguageError GetTimeoutError PlasmaObjectNotAvailable AsyncioActorExit "
    "PendingCallsLimitExceeded UserCodeException ObjectRefStreamEndOfStreamError "
    "OufOfBandObjectRefSerializationException",
    "ray.workflow.exceptions": "WorkflowError WorkflowExecutionError WorkflowCancellationError "
    "WorkflowNotResumableError WorkflowTaskNotRecoverableError WorkflowNotFoundError WorkflowStillActiveError",
}

# Classes whose `str` has a rule of its own in `exception_messages`, or that of a builtin one.
_RULED_CLASSES = {
    "shutil.Error": "OSError",
    "shutil.ExecError": "OSError",
    "shutil.SameFileError": "OSError",
    "shutil.SpecialFileError": "OSError",
    "socket.gaierror": "OSError",
    "socket.herror": "OSError",
    "zoneinfo._common.ZoneInfoNotFoundError": "KeyError",
    "json.decoder.JSONDecodeError": "JSONDecodeError",
    "subprocess.CalledProcessError": "CalledProcessError",
    "subprocess.TimeoutExpired": "TimeoutExpired",
    "ray.exceptions.RayTaskError": "RayTaskError",
    "ray.exceptions.RayActorError": "error_msg",
    "ray.exceptions.ActorDiedError": "error_msg",
    "ray.exceptions.ActorUnavailableError": "error_msg",
    "ray.exceptions.OutOfMemoryError": "message",
    "ray.exceptions.NodeDiedError": "message",
    "ray.exceptions.RpcError": "message",
    "ray.exceptions.LocalRayletDiedError": "constant",
    "ray.exceptions.WorkerCrashedError": "constant",
    "ray.exceptions.TaskPlacementGroupRemoved": "constant",
    "ray.exceptions.ActorPlacementGroupRemoved": "constant",
    "ray.exceptions.RuntimeEnvSetupError": "RuntimeEnvSetupError",
    "ray.exceptions.TaskUnschedulableError": "TaskUnschedulableError",
    "ray.exceptions.ActorUnschedulableError": "ActorUnschedulableError",
}

KNOWN_RULES = {f"{module}.{name}": PLAIN for module, names in _PLAIN_CLASSES.items() for name in names.split()}
KNOWN_RULES.update(_RULED_CLASSES)

# Rules whose text comes from fields that `__init__` or `__new__` sets, not from `args`.
_SET_WHEN_MADE = frozenset(
    {"UnicodeDecodeError", "UnicodeEncodeError", "UnicodeTranslateError", "SyntaxError", "BaseExceptionGroup"}
)


@dataclass(frozen=True, slots=True)
class ExceptionClass:
    """What is known of a class.

    Attributes:
        name: Qualified as Python's traceback prints it: "ValueError", "shop.NoStock", "NoStock" from `__main__`.
        rule: How its `str` is made (`exception_messages`); None when that is not certain.
        is_exception: Whether it is an exception; None when that is not certain.
    """

    name: str
    rule: str | None
    is_exception: bool | None

    @property
    def own_name(self) -> str:
        """Its `__name__`, as `repr` prints it."""
        if self.name.endswith(")"):  # RayTaskError(ValueError), made by Ray
            return self.name[self.name.rfind(".", 0, self.name.find("(")) + 1 :]
        return self.name.rsplit(".", 1)[-1]


def exception_class(function: Value) -> ExceptionClass | None:
    """What is known of what was called to make an object; None if that is certainly no class."""
    if isinstance(function, Global):
        return None if is_machinery(function) else _named(function)
    written = class_by_value(function)
    if written is None:
        return None
    ancestry = _Ancestry(function, written)
    is_qualified = written.module not in (None, "__main__", "builtins")
    name = f"{written.module}.{written.name}" if is_qualified else written.name
    return ExceptionClass(_cut(name), ancestry.rule, ancestry.is_exception)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"


def _named(node: Global) -> ExceptionClass | None:
    if node.module == "builtins":
        cls = getattr(builtins, node.name, None) if node.name in BUILTIN_RULES else None
        name = cls.__name__ if isinstance(cls, type) else node.name  # IOError is OSError
        if node.name in BUILTIN_RULES:
            return ExceptionClass(name, BUILTIN_RULES[node.name], is_exception=True)
        return ExceptionClass(name, None, is_exception=False) if node.name in _BUILTIN_CLASSES else None
    if node.module == "__main__":
        return ExceptionClass(_cut(node.name), None, is_exception=None)
    name = f"{node.module}.{node.name}"
    rule = KNOWN_RULES.get(name)
    return ExceptionClass(_cut(name), rule, is_exception=True if rule else None)


class _Ancestry:
    """The classes that a class written by value derives from, and what they say about its `str`."""

    def __init__(self, cls: Value, written: ClassByValue) -> None:
        self._certain = True
        self._made_specially = False
        self._attributes_left = _ATTRIBUTES
        self._rules: list[str] = []
        self._kinds: list[bool | None] = []
        self._visit(cls, written)

    @property
    def rule(self) -> str | None:
        """The rule of the first base that has one of its own, in the order of the bases."""
        own = [rule for rule in self._rules if rule != PLAIN]
        rule = own[0] if own else PLAIN
        if rule == "RayTaskError":
            return rule  # Ray's own class over the user's: nothing of the user's matters
        uncertain = self._made_specially and rule in _SET_WHEN_MADE
        return rule if self._certain and self._rules and not uncertain else None

    @property
    def is_exception(self) -> bool | None:
        if any(self._kinds):
            return True
        return None if None in self._kinds or not self._kinds else False

    def _visit(self, start: Value, written: ClassByValue) -> None:
        """Depth first, in the order of the bases, without recursion: the data says how deep it goes."""
        seen: set[int] = set()
        left: list[tuple[Value, ClassByValue | None]] = [(start, written)]
        while left:
            cls, described = left.pop()
            if described is None:
                self._name(cls)
            elif id(cls) not in seen:
                seen.add(id(cls))
                if len(seen) > _ANCESTRY or len(described.bases) > _ANCESTRY:
                    self._certain = False
                    return
                self._look_into(class_dict(cls))
                left.extend((base, class_by_value(base)) for base in reversed(described.bases))

    def _look_into(self, attributes: Value) -> None:
        if isinstance(attributes, Pairs):
            self._attributes_left -= len(attributes.pairs)
        if not isinstance(attributes, Pairs) or self._attributes_left < 0:
            self._certain = False
            return
        names = {key for key, _ in entries(attributes) if type(key) is str}
        if names & {"__str__", "__reduce__", "__reduce_ex__"}:
            self._certain = False
        if names & {"__init__", "__new__"}:
            self._made_specially = True

    def _name(self, cls: Value) -> None:
        known = _named(cls) if isinstance(cls, Global) else None
        if known is None:
            self._certain = False
            self._kinds.append(None)
            return
        self._kinds.append(known.is_exception)
        if known.rule:
            self._rules.append(known.rule)
        elif known.name != "object":
            self._certain = False
