"""Folders of the tests on machines with a ``/dev`` of their own, which would hide whatever of ours lies in memory there."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """On a disk."""
    with tempfile.TemporaryDirectory(prefix="zhiban-", dir="/var/tmp") as folder:
        yield Path(folder)
