"""Does the floor of the branch coverage follow what is measured? ``python -m tests.support.floor``, after the tests have run."""

import tomllib

from coverage import Coverage

from tests.support.paths import ROOT

LAG = 2.0  # points


def main() -> int:
    """1 when the floor is to be written up; that it was not undercut has been seen to by the tests' own run."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    floor = float(settings["tool"]["coverage"]["report"]["fail_under"])
    measured = Coverage()
    measured.load()
    with (ROOT / "coverage.txt").open("w", encoding="utf-8") as listing:
        total = measured.report(file=listing, show_missing=True)
    print(f"branch coverage {total:.1f} %, floor {floor:g} %; what is not covered stands in coverage.txt")
    if total < floor + LAG:
        return 0
    print(f"pyproject.toml: [tool.coverage.report] fail_under: write {int(total)}, so that it never falls back")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
