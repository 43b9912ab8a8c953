"""How often each crash test runs, and the platform that it believes."""

from collections.abc import Iterator

import pytest

from tests.support.process import Platform, recorder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``round`` counts from 0; each round kills at a later passing of the point."""
    if "round_" in metafunc.fixturenames:
        metafunc.parametrize("round_", range(metafunc.config.getoption("--crash-rounds")))


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A recorder of this test's own."""
    with recorder() as running:
        yield running
