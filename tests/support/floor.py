"""The floor of the branch coverage, raised to what is measured: ``python -m tests.support.floor``, after the tests have run.

The tests' own run fails below the floor. Here it is written up in ``pyproject.toml``, never down; in CI it is only told.
"""

import os
import re
import subprocess
import sys

from tests.support.paths import ROOT

_FLOOR = re.compile(r"(?m)^(fail_under = )(\d+)")
_COVERAGE = (sys.executable, "-m", "coverage")


def raised(settings: str, measured: float) -> str:
    """The settings with the floor at the whole points that are measured, unless it is as high already."""
    return _FLOOR.sub(lambda found: found[1] + str(max(int(found[2]), int(measured))), settings)


def main() -> None:
    """List what is not covered, and write the floor up."""
    with (ROOT / "coverage.txt").open("w", encoding="utf-8") as listing:
        subprocess.run([*_COVERAGE, "report", "--fail-under=0", "--show-missing"], cwd=ROOT, stdout=listing, check=True)
    line = [*_COVERAGE, "report", "--fail-under=0", "--format=total", "--precision=1"]
    measured = float(subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    print(f"branch coverage {measured} %; what is not covered stands in coverage.txt")
    path = ROOT / "pyproject.toml"
    settings = path.read_text("utf-8")
    if (higher := raised(settings, measured)) == settings:
        return
    print(f"pyproject.toml: fail_under can be {int(measured)} from now on; commit it with the change that raised it")
    if not os.environ.get("CI"):
        path.write_text(higher, "utf-8")


if __name__ == "__main__":
    main()
