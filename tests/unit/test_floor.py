"""The floor of the branch coverage only rises."""

import pytest

from tests.support.floor import raised


@pytest.mark.parametrize(
    ("floor", "measured", "then"), [(80, 91.9, 91), (91, 91.9, 91), (91, 90.2, 91), (0, 100.0, 100)]
)
def test_the_floor_follows_what_is_measured_and_never_falls(floor: int, measured: float, then: int) -> None:
    before = f"[tool.coverage.report]\nfail_under = {floor}  # why\nskip_covered = true\n"
    assert raised(before, measured) == f"[tool.coverage.report]\nfail_under = {then}  # why\nskip_covered = true\n"
