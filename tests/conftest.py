"""Fixtures for the whole session, and who runs beside whom."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sources.absurd_server import AbsurdServer, Shop, Tracked
    from tests.sources.ray_written import WrittenStorage

# Compiled modules are kept, whatever the shell says: else each of our processes compiles all tests anew, and each
# program that they start all of its modules.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The same examples for everybody: who changes nothing breaks nothing. `HYPOTHESIS_PROFILE=search` looks for new ones.
# However long one takes: nothing about the code fails on a busy machine.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _PATIENT, derandomize=True, database=None)
settings.register_profile("search", _PATIENT, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_configure() -> None:
    """Programs that tests start can be interrupted.

    A shell without job control lets what it starts with `&` ignore the interrupt, and whatever that starts inherits it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is done in tests is not kept among what the user did."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    if before is None:
        del os.environ["XDG_STATE_HOME"]
    else:
        os.environ["XDG_STATE_HOME"] = before


@pytest.fixture(scope="session")
def ray_storage(tmp_path_factory: pytest.TempPathFactory) -> WrittenStorage:
    """A storage with all that a storage can hold, written by real Ray. Read it only; `copy` it to change it."""
    from tests.sources.ray_written import write_storage

    return write_storage(tmp_path_factory.mktemp("ray") / "storage")


@pytest.fixture(scope="session")
def absurd_server() -> Iterator[AbsurdServer]:
    """A PostgreSQL for the session; tests have databases of their own in it."""
    from tests.sources.absurd_server import AbsurdServer

    server = AbsurdServer()
    yield server
    server.close()


@pytest.fixture
def url(absurd_server: AbsurdServer) -> str:
    """The URL of a database of Absurd, with nothing in it."""
    return absurd_server.database()


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    """A worker on it."""
    from tests.sources.absurd_server import Shop

    shop = Shop(url)
    yield shop
    shop.close()


@pytest.fixture
def tracked(url: str) -> Iterator[Tracked]:
    """A workflow run in it, noted as running."""
    from tests.sources.absurd_server import Tracked

    tracked = Tracked(url)
    tracked.update("running")
    yield tracked
    tracked.connection.close()


# The groups that take the longest, these first: what is begun last sets the end. Ray waits more than it works, so the
# others fit beside it. (Hence `--no-loadscope-reorder`: xdist would begin with the groups of the most tests.)
_LONG = (
    "ray client",
    "ray",
    "ray demo",
    "test_snapshots",
    "s3",
    "absurd",
    "test_hostile_text",
    "test_list",
    "test_demo_absurd",
    "test_storage_mutated",
    "test_graph_tab",
    "test_keys",
    "test_draw",
    "test_dag_layers",
    "test_dag_scene",
    "test_dag_shaping",
)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file stay in one process; all that start Ray are in three, so that few clusters compete."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    order = {group: at for at, group in enumerate(_LONG)}
    items.sort(key=lambda item: order.get(_group(item), len(order)))


# Those that come through Ray Client are in one process: each of its head nodes counts its servers' ports from 23000.
_RAY_CLIENT = frozenset(
    {"test_ray_cluster", "test_ray_cluster_gone", "test_ray_nodes", "test_ray_observer", "test_ray_observer_objects"}
)


# These watch the demonstration, and wait nearly all of their time.
_RAY_DEMO = frozenset({"test_demo", "test_ray_questions"})


# Servers that are started once for each process that asks for them -> the group of the tests that do.
_SERVERS = {"ray_storage": "ray", "object_server_process": "s3", "absurd_server": "absurd"}


def _group(item: pytest.Item) -> str:
    if item.path.stem in _RAY_DEMO:
        return "ray demo"
    if item.path.stem in _RAY_CLIENT:
        return "ray client"
    if item.get_closest_marker("ray") is not None:
        return "ray"
    asked = getattr(item, "fixturenames", ())
    return next((group for server, group in _SERVERS.items() if server in asked), item.path.stem)


def pytest_collection_finish() -> None:
    """Thousands of tests and the modules they import stay: the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
