"""The floor of the branch coverage, raised to what is measured: ``python -m tests.support.floor``, after the tests have run.

The tests' own run fails below the floor. Here it is written up in ``pyproject.toml``, never down; in CI it is only told.
"""

import json
import os
import re

from tests.support.paths import ROOT

_FLOOR = re.compile(r"(?m)^(fail_under = )(\d+)")
MEASURED = ROOT / "coverage.json"  # as the tests' run leaves it


def raised(settings: str, measured: float) -> str:
    """The settings with the floor at the whole points that are measured, unless it is as high already."""
    return _FLOOR.sub(lambda found: found[1] + str(max(int(found[2]), int(measured))), settings)


def main() -> None:
    """Tell what was measured, and write the floor up."""
    measured = json.loads(MEASURED.read_text("utf-8"))["totals"]["percent_covered"]
    print(f"branch coverage {measured:.1f} %; what is not covered: .venv/bin/coverage report --show-missing")
    path = ROOT / "pyproject.toml"
    settings = path.read_text("utf-8")
    if (higher := raised(settings, measured)) == settings:
        return
    print(f"pyproject.toml: fail_under can be {int(measured)} from now on; commit it with the change that raised it")
    if not os.environ.get("CI"):
        path.write_text(higher, "utf-8")


if __name__ == "__main__":
    main()
