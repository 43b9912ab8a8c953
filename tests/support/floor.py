"""The floor of the branch coverage follows what is measured. ``python -m tests.support.floor``, after the tests have run."""

import subprocess
import sys
import tomllib

from tests.support.paths import ROOT

LAG = 2.0  # points


def main() -> int:
    """1 when the floor is to be written up; that it was not undercut has been seen to by the tests' own run."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    floor = float(settings["tool"]["coverage"]["report"]["fail_under"])
    with (ROOT / "coverage.txt").open("w", encoding="utf-8") as listing:
        subprocess.run([*_COVERAGE, "report", "--fail-under=0", "--show-missing"], cwd=ROOT, stdout=listing, check=True)
    line = [*_COVERAGE, "report", "--fail-under=0", "--format=total", "--precision=1"]
    measured = float(subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    print(f"branch coverage {measured} %, floor {floor:g} %; what is not covered stands in coverage.txt")
    if measured < floor + LAG:
        return 0
    print(f"pyproject.toml: [tool.coverage.report] fail_under: write {int(measured)}, so that it never falls back")
    return 1


_COVERAGE = (sys.executable, "-m", "coverage")

if __name__ == "__main__":
    raise SystemExit(main())
