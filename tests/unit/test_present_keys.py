from __future__ import annotations

from wftui.present.keys import KEYS, Key, Place, clashes


def test_no_key_means_two_things_in_one_place() -> None:
    assert clashes() == []


def test_a_clash_is_found_within_a_place_and_with_what_lies_around_it() -> None:
    one = Key("a.one", "x,y", "one", "one", "One", Place.LIST)
    assert clashes((one, Key("a.two", "y", "two", "two", "Two", Place.LIST))) == ["y in List: a.one and a.two"]
    around = Key("a.two", "y", "two", "two", "Two", Place.MAIN)
    assert clashes((one, around)) == ["y in List: a.one, and a.two in Workflows"]
    assert clashes((one, Key("a.two", "y", "two", "two", "Two", Place.GRAPH))) == []


def test_ids_are_unique_and_everything_is_explained() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)
    assert all(key.label and key.tooltip for key in KEYS)


def test_keys_of_later_are_kept_free() -> None:
    places = {"v": Place.DETAIL, "M": Place.GRAPH, "z": Place.GRAPH, "f": Place.GRAPH}
    for name, place in places.items():
        assert any(name in key.keys.split(",") and key.place in (place, Place.GRAPH, Place.DETAIL) for key in KEYS), (
            name
        )
