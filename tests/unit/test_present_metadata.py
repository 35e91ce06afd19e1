"""Metadata as lines that fold."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.ui.detail_samples import failed, hostile
from tests.unit.making import detail, task
from wftui.present.document import NO_FOLDS, Folds
from wftui.present.glyphs import ASCII, UNICODE
from wftui.present.metadata import JsonLook, json_lines, metadata_lines
from wftui.present.secrets import MASK
from wftui.present.text import visible


def shown(value: dict[str, Any], *opened: str, closed: tuple[str, ...] = (), **look: Any) -> list[str]:
    folds = Folds(frozenset(opened), frozenset(closed))
    return [line.text for line in json_lines(value, JsonLook(UNICODE, folds, **look), "m")]


def test_scalars() -> None:
    assert shown({"s": 'say "hi"', "n": 3, "f": 0.5, "t": True, "z": None, "e": {}, "l": []}) == [
        '  s  "say \\"hi\\""',
        "  n  3",
        "  f  0.5",
        "  t  true",
        "  z  null",
        "  e  {}",
        "  l  []",
    ]


def test_what_is_not_strict_json_is_said_to_be() -> None:
    assert shown({"a": float("nan"), "b": float("-inf")}) == [
        "  a  NaN  (not strict JSON)",
        "  b  -Infinity  (not strict JSON)",
    ]


def test_huge_integers() -> None:
    assert shown({"a": 2**64}) == ["  a  18446744073709551616"]
    assert shown({"a": -(10**6000)}) == ["  a  an integer of about 6,001 digits"]


def test_folding() -> None:
    value = {"db": {"host": "h", "port": 1}, "tags": ["a", "b"]}
    assert shown(value) == ["▾ db  {2}", '    host  "h"', "    port  1", '  tags  ["a", "b"]']
    assert shown(value, closed=("m/db",)) == ["▸ db  {2}  host: h, port: 1", '  tags  ["a", "b"]']


def test_deep_values_are_closed_and_open_by_hand() -> None:
    value: dict[str, Any] = {"a": {"b": {"c": {"d": 1}}}}
    assert shown(value) == ["▾ a  {1}", "  ▾ b  {1}", "    ▸ c  {1}  d: 1"]
    assert shown(value, "m/a/b/c")[-1] == "        d  1"


def test_nesting_beyond_all_reason() -> None:
    value: dict[str, Any] = {"end": 1}
    for _ in range(5_000):
        value = {"n": value}
    opened = ["m" + "/n" * at for at in range(1, 200)]
    lines = shown(value, *opened)
    assert lines[-1].strip() == "(nested deeper than can be shown)"


def test_long_texts_fold() -> None:
    text = "first\nsecond\x1b[2J\nthird"
    assert shown({"t": text}) == ["▸ t  first…  3 lines"]
    assert shown({"t": text}, "m/t") == ["▾ t  3 lines", "  first", "  second␛[2J", "  third"]
    assert shown({"t": "x" * 5_000_000}) == ["▸ t  " + "x" * 60 + "…  5,000,000 characters"]
    assert sum(len(line) for line in shown({"t": "x" * 5_000_000}, "m/t")) < 25_000


def test_many_members_come_in_ranges() -> None:
    value = {"rows": {f"k{at}": at for at in range(250)}}
    assert shown(value) == ["▸ rows  {250}  k0: 0, k1: 1, k2: 2, k3: 3"]
    lines = shown(value, "m/rows")
    assert lines[0] == "▾ rows  {250}"
    assert lines[1] == "  ▾ k0 to k99"
    assert lines[2] == "      k0   0"
    assert lines[-2:] == ["  ▸ k100 to k199", "  ▸ k200 to k249"]


def test_a_million_members_cost_only_what_is_open() -> None:
    lines = json_lines({"rows": list(range(1_000_000))}, JsonLook(UNICODE, Folds(frozenset({"m/rows"}))), "m")
    assert len(lines) < 500


def test_secrets_are_masked_unless_asked_for() -> None:
    value = {"db": {"password": "hunter2", "port": 1}, "API_TOKEN": "abc", "n_token": 7}
    text = "\n".join(shown(value))
    assert "hunter2" not in text
    assert "abc" not in text
    assert text.count(MASK) == 2
    assert "hunter2" not in "\n".join(shown(value, closed=("m/db",)))
    assert '"hunter2"' in "\n".join(shown(value, show_secrets=True))
    lines = json_lines(value, JsonLook(ASCII), "m")
    assert all(line.text.isascii() for line in lines)
    assert any("******" in line.text for line in lines)


def test_the_tab() -> None:
    lines = metadata_lines(failed(), JsonLook(UNICODE))
    text = "\n".join(line.text for line in lines)
    assert text.startswith('User metadata\n  owner      "ada@example.com"')
    assert "hunter2" not in text
    assert "ghp_1234" not in text
    assert "Recorded\n  id          nightly-sales-2026-09-21" in text
    assert "FAILED, says the cluster" in text
    assert "User metadata of tasks  1\n▾ fetch_orders  {1}" in text
    assert [line.task for line in lines if line.task is not None] == ["report"]


def test_no_metadata() -> None:
    assert metadata_lines(detail("w"), JsonLook(UNICODE))[0].text == "User metadata  none"


def test_metadata_of_many_tasks_is_closed_and_bounded() -> None:
    tasks = [task(f"t{at}", user_metadata={"a": at}) for at in range(2_000)]
    lines = metadata_lines(detail("w", tasks=tasks), JsonLook(UNICODE))
    assert lines[-1].text == "  (and 1,500 more tasks)"
    assert any(line.text == "▸ t499  {1}  a: 499" for line in lines)


def test_nothing_that_is_shown_can_act_on_a_terminal() -> None:
    def all_open(look: JsonLook) -> JsonLook:
        folds = look.folds
        for _ in range(6):
            for line in metadata_lines(hostile(), JsonLook(look.glyphs, folds)):
                if line.fold:
                    folds = folds.set(line.fold, to_open=True)
        return JsonLook(look.glyphs, folds)

    for glyphs in (UNICODE, ASCII):
        lines = metadata_lines(hostile(), all_open(JsonLook(glyphs)))
        assert len(lines) > 1000
        for line in lines:
            assert line.text.isprintable(), line.text
        keys = [line.key for line in lines if line.key]
        assert len(keys) == len(set(keys))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@given(st.dictionaries(st.text(), _JSON, max_size=8))
def test_any_json_at_all(value: dict[str, Any]) -> None:
    folds = NO_FOLDS
    for _ in range(3):
        lines = json_lines(value, JsonLook(UNICODE, folds), "m")
        for line in lines:
            assert line.text == visible(line.text)
            if line.fold:
                folds = folds.set(line.fold, to_open=True)
        keys = [line.key for line in lines]
        assert "" not in keys or folds.opened, "only the lines of an open text do nothing"
        assert len(set(keys) - {""}) == len([key for key in keys if key])
    assert len(lines) >= len(value)
