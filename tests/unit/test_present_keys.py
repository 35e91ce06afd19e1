"""The table of keys: none means two things in one place, all are explained."""

from __future__ import annotations

from wftui.present.keys import KEYS, Key, Place

# What each place lies in: its keys work there too.
INSIDE: dict[Place, tuple[Place, ...]] = {
    Place.APP: (),
    Place.MAIN: (Place.APP,),
    Place.LIST: (Place.MAIN, Place.APP),
    Place.DETAIL: (Place.MAIN, Place.APP),
    Place.TASKS: (Place.DETAIL, Place.TRAVEL, Place.MAIN, Place.APP),
    # What is read takes the space key first: it opens what is under the cursor.
    Place.READING: (Place.DETAIL, Place.MAIN, Place.APP),
    Place.GRAPH: (Place.DETAIL, Place.TRAVEL, Place.MAIN, Place.APP),
    Place.TIMELINE: (Place.DETAIL, Place.TRAVEL, Place.MAIN, Place.APP),
    Place.EVENTS: (Place.DETAIL, Place.TRAVEL, Place.MAIN, Place.APP),
    Place.TRAVEL: (Place.MAIN, Place.APP),
    Place.OUTPUT: (Place.APP,),
    Place.SEARCH: (Place.APP,),
    Place.FILTER: (Place.APP,),
    Place.DIALOG: (Place.APP,),
    Place.TICK: (Place.DIALOG, Place.APP),
}


def clashes(keys: tuple[Key, ...] = KEYS) -> list[str]:
    """Every key that means two things in one place, in words."""
    found: list[str] = []
    taken: dict[tuple[Place, str], Key] = {}
    for key in keys:
        for name in key.keys.split(","):
            first = taken.setdefault((key.place, name), key)
            if first is not key:
                found.append(f"{name} in {key.place.value}: {first.id} and {key.id}")
    for (place, name), key in taken.items():
        # Escape means "out of here" everywhere: the innermost place takes it, on purpose.
        found += [
            f"{name} in {place.value}: {key.id}, and {taken[outer, name].id} in {outer.value}"
            for outer in INSIDE[place]
            if (outer, name) in taken and name != "escape"
        ]
    return found


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
