"""Fixtures for the whole session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sources.ray_written import WrittenStorage


@pytest.fixture(scope="session")
def ray_storage(tmp_path_factory: pytest.TempPathFactory) -> WrittenStorage:
    """A storage with all that a storage can hold, written by real Ray. Read it only; `copy` it to change it."""
    from tests.sources.ray_written import write_storage

    return write_storage(tmp_path_factory.mktemp("ray") / "storage")
