"""What every test may ask for: a desk on a fresh database."""

import gc
import os
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.work import inbox
from runbooks.remote.ssh import Ssh
from tests.support import estate as estates
from tests.support import memory, scale
from tests.support.desk import Desk, empty_database, open_desk
from tests.support.estate import Estate

IN_TIME = inbox.INTAKE_SECONDS


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--repeat N``: every test N times (``make repeat``), to see that none fails by chance.

    ``--crash-rounds N``: how often the crash tests kill the service at each point (``make crash N=10``).

    ``--fuzz-requests N``: how many broken requests all ways in get together (``make fuzz N=1000000``), made from a seed.
    ``--argument-lines N``: how many generated command lines ``test_any_words`` types.

    ``make soak`` asks for a million of each, and for every test of the marker ``soak`` at its full size.
    """
    parser.addoption("--repeat", type=int, default=1)
    parser.addoption("--crash-rounds", type=int, default=1)
    parser.addoption("--fuzz-requests", type=int, default=5_000)
    parser.addoption("--fuzz-seed", type=int, default=1)
    parser.addoption("--argument-lines", type=int, default=5_000)


def pytest_configure() -> None:
    """Generated examples and intakes take the time that a busy machine needs; examples are the same each time but in a soak.

    What is imported and collected stays to the end: looking for garbage among it took 4 s of 10 in each worker.
    """
    gc.disable()
    memory.use()
    inbox.INTAKE_SECONDS = (
        30.0  # no platform is here to send again what was not taken in time; intake_in_time sets it back
    )
    slow = [HealthCheck.too_slow]
    settings.register_profile("tests", deadline=None, suppress_health_check=slow, derandomize=not scale.FULL)
    settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A worker takes neighbours; so that each has some that wait for servers and some that compute, files are mixed."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: zlib.crc32(item.nodeid.partition("::")[0].encode()))
        _spread(items, int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))


def _spread(items: list[pytest.Item], workers: int) -> None:
    """Those of the marker ``waits`` come one after the other over the workers: what waits long is not to begin at the end, when
    there is nothing left to be done beside it, nor all of it at once."""
    waiting = [item for item in items if item.get_closest_marker("waits")]
    share = len(items) // workers
    items[:] = [item for item in items if not item.get_closest_marker("waits")]
    for worker in range(workers):  # each takes a part of the list in one piece
        for number in range(worker, len(waiting), workers):
            items.insert(worker * share + int(share * 0.8 * number / len(waiting)), waiting[number])


def pytest_collection_finish() -> None:
    """From here on garbage is looked for among what the tests make."""
    gc.freeze()
    gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One more parameter for every test, where it is to be repeated."""
    times = metafunc.config.getoption("--repeat")
    if times > 1:
        metafunc.fixturenames.append("repetition_")
        metafunc.parametrize("repetition_", range(times), scope="function")


@pytest.fixture
def intake_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An intake answers within the time that it has in service."""
    monkeypatch.setattr(inbox, "INTAKE_SECONDS", IN_TIME)


@pytest.fixture(scope="session")
def empty_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy."""
    return empty_database(tmp_path_factory.mktemp("schema"))


@pytest.fixture
async def desk(tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    """The service on the example organisation, Wednesday 2026-10-14 10:00, with a clock that stands still."""
    async with open_desk(tmp_path / "state", empty_db) as opened:
        yield opened


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """Four nodes and a load balancer on real servers."""
    with estates.running(tmp_path / "estate") as running:
        yield running


@pytest.fixture
async def remote(estate: Estate) -> AsyncIterator[Ssh]:
    """Our way to those servers."""
    ssh = Ssh(estate.known_hosts, estate.key_file)
    yield ssh
    await ssh.close()
