"""Real servers for the runbooks."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from runbooks.ssh import Ssh
from tests.support import estate as estates
from tests.support.estate import Estate


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    with estates.running(tmp_path / "estate") as running:
        yield running


@pytest.fixture
async def remote(estate: Estate) -> AsyncIterator[Ssh]:
    ssh = Ssh(estate.known_hosts, estate.key_file)
    yield ssh
    await ssh.close()
