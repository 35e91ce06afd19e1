"""The threads that read many things at once."""

from __future__ import annotations

import threading

import pytest

from wftui.errors import TargetGone
from wftui.sources.stores.crew import Crew


def test_answers_come_in_order_and_from_few_threads() -> None:
    crew = Crew(3, "crew")
    names: set[str] = set()

    def double(number: int) -> int:
        names.add(threading.current_thread().name)
        return 2 * number

    assert crew.map(double, range(500)) == [2 * number for number in range(500)]
    assert 1 <= len(names) <= 3
    assert [crew.submit(double, n).result(60) for n in range(5)] == [0, 2, 4, 6, 8]
    crew.close()


def test_an_error_is_raised_where_the_answer_is_wanted() -> None:
    crew = Crew(2, "crew")
    done: list[int] = []

    def fail(number: int) -> None:
        if number == 3:
            raise ValueError("three")
        done.append(number)

    with pytest.raises(ValueError, match="three"):
        crew.map(fail, range(5))
    assert crew.map(str, [1]) == ["1"]
    crew.close()


def test_what_has_not_begun_when_it_closes_is_told_so() -> None:
    crew = Crew(1, "crew")
    begun, may_end = threading.Event(), threading.Event()

    def wait(number: int) -> int:
        begun.set()
        assert may_end.wait(60)
        return number

    first, second = crew.submit(wait, 1), crew.submit(wait, 2)
    assert begun.wait(60)
    crew.close()
    may_end.set()
    assert first.result(60) == 1
    with pytest.raises(TargetGone):
        second.result(60)
    with pytest.raises(TargetGone):
        crew.map(str, [1, 2])


def test_threads_end_and_are_daemons() -> None:
    crew = Crew(4, "crew-that-ends")
    gate = threading.Barrier(4)
    crew.map(lambda _: gate.wait(60), range(4))
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("crew-that-ends")]
    assert len(threads) == 4
    assert all(thread.daemon for thread in threads)
    crew.close()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
