"""YAML as data: mappings, lists, texts and null, and nothing that a file could do harm with.

PyYAML is an extra, imported when a YAML file is read. Its safe loader makes no objects of a file's choosing; what it
leaves open is closed here: merge keys that double their mapping again and again, keys that come twice, numbers of a
million digits (every scalar but null stays the text that it is). Aliases share what they name, so they cost nothing
until somebody walks them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from wftui.errors import TargetError
from wftui.highway.definition import Doubled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml import MappingNode, SafeLoader

# Characters that are read, entries that merge keys may add, collections in each other.
MOST = 4 * 2**20
MOST_MERGED = 1_000_000
DEEPEST = 300
_TAG = "tag:yaml.org,2002:"
_TEXTS = ("str", "bool", "int", "float", "timestamp", "binary", "value")


def load(text: str) -> object:
    """The data in a YAML text of one document.

    Raises:
        TargetError: It is not well-formed, too large, or PyYAML is not there.
    """
    if len(text) > MOST:
        raise TargetError(f"the YAML is larger than {MOST // 2**20} MB", "give it as JSON")
    try:
        import yaml
    except ImportError as error:
        raise TargetError("YAML cannot be read without PyYAML", "pip install 'wftui[absurd]', or give JSON") from error
    try:
        _check_depth(text)
        return yaml.load(text, _loader())  # noqa: S506 - it makes nothing but texts, lists and mappings
    except UnicodeEncodeError as error:
        raise TargetError("the YAML is not UTF-8", "write it in UTF-8") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        what = getattr(error, "problem", None) or str(error).split("\n", 1)[0] or type(error).__name__
        raise TargetError(f"not well-formed YAML{line}: {what}", "see what another parser says to it") from error


def _check_depth(text: str) -> None:
    # The C parser makes nodes recursively: a line of brackets would overflow the stack, and end the process.
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise yaml.MarkedYAMLError(problem=f"more than {DEEPEST} levels", problem_mark=event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _loader() -> type[SafeLoader]:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    # Which of two classes the base is depends on how PyYAML was built.
    class Loader(base):  # type: ignore[misc]
        """A safe loader with bounds."""

        # null is "n", "N", "~" or nothing; "<" begins a merge key.
        yaml_implicit_resolvers: ClassVar = {
            first: [(tag, pattern) for tag, pattern in known if tag in (f"{_TAG}null", f"{_TAG}merge")]
            for first, known in base.yaml_implicit_resolvers.items()
        }
        yaml_constructors: ClassVar = {
            None: base.construct_undefined,
            f"{_TAG}null": base.construct_yaml_null,
            f"{_TAG}seq": base.construct_yaml_seq,
            f"{_TAG}map": lambda loader, node: loader.mapping(node),
            **dict.fromkeys((_TAG + name for name in _TEXTS), base.construct_scalar),
        }

        def __init__(self, stream: str) -> None:
            super().__init__(stream)
            self._twice: dict[int, tuple[str, ...]] = {}
            self._left = MOST_MERGED

        def mapping(self, node: MappingNode) -> Iterator[dict[Any, Any]]:
            """A mapping that knows which of its keys came twice."""
            self.flatten_mapping(node)
            twice = self._twice[id(node)]
            data: dict[Any, Any] = Doubled(twice) if twice else {}
            yield data
            data.update(self.construct_mapping(node))

        def flatten_mapping(self, node: MappingNode) -> None:
            """Take in what merge keys name: each key once, and not without end."""
            if id(node) in self._twice:
                return
            self._twice[id(node)] = ()
            own = [entry for entry in node.value if entry[0].tag != f"{_TAG}merge"]
            counts = Counter(key.value for key, _ in own if isinstance(key, yaml.ScalarNode))
            self._twice[id(node)] = tuple(key for key, count in counts.items() if count > 1)
            merged: dict[object, tuple[Any, Any]] = {}
            for key, value in node.value:
                if key.tag == f"{_TAG}merge":
                    for source in value.value if isinstance(value, yaml.SequenceNode) else (value,):
                        self._merge(source, merged)
            node.value = [*(entry for key, entry in merged.items() if key not in counts), *own]

        def _merge(self, source: MappingNode, into: dict[object, tuple[Any, Any]]) -> None:
            if not isinstance(source, yaml.MappingNode):
                raise yaml.MarkedYAMLError(problem="only a mapping can be merged", problem_mark=source.start_mark)
            self.flatten_mapping(source)
            self._left -= len(source.value)
            if self._left < 0:
                raise yaml.MarkedYAMLError(problem="its merge keys add too much", problem_mark=source.start_mark)
            for key, value in source.value:
                into.setdefault(key.value if isinstance(key, yaml.ScalarNode) else id(key), (key, value))

    return Loader
