"""What came and went between two looks, merged onto the words before, is what all directories together say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wftui.sources.ray.storage.index_directories import Directory, forget_moves, merged_anew, merged_on

_NAMES = st.sets(st.sampled_from("abcdefg"))
_WORDS = ("RUNNING", "SUCCESSFUL", "FAILED")


def _plain(contents: tuple[set[str], ...]) -> bool:
    return len(set().union(*contents)) == sum(map(len, contents))


@given(st.lists(st.tuples(_NAMES, _NAMES, _NAMES), min_size=1, max_size=8), st.lists(st.booleans(), min_size=8))
def test_merging_on_is_merging_anew(looks: list[tuple[set[str], ...]], merges: list[bool]) -> None:
    directories = {word: Directory() for word in _WORDS}
    words: dict[str, str] = {}
    for number, (contents, is_merged) in enumerate(zip(looks, merges, strict=False)):
        for word, names in zip(_WORDS, contents, strict=True):
            directories[word].take(tuple(sorted(names, reverse=number % 2 == 0)), float(number), number, notes=True)
        if not is_merged:  # what came and went adds up, as when a second scan follows at once
            continue
        anew, has_doubles = merged_anew(directories)
        merged = merged_on(words, directories)
        assert has_doubles is not _plain(contents)
        if has_doubles:
            assert merged is None
            return  # whatever decides then, what follows is merged anew
        assert merged == anew
        words = anew
        forget_moves(directories)


def test_the_same_names_in_another_order_are_no_change() -> None:
    directory = Directory()
    assert directory.take(("a", "b"), 1.0, 10.0, notes=True)
    assert not directory.take(("b", "a"), 2.0, 13.0, notes=True)
    assert not directory.is_current(2.0)
    assert not directory.take(("b", "a"), 2.0, 16.0, notes=True)
    assert directory.is_current(2.0)
    assert (directory.came, directory.went) == ({"a", "b"}, set())
