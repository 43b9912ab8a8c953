"""The lifecycles, policy, floors, outbox and deadlines under mutmut (pyproject.toml says which files, judged by which tests).

It changes what stands within functions, one expression at a time; the tables beside them have tests worked out by hand.
A mutant that no test can notice, because nothing differs, is listed in ``equivalent.toml`` with its change and the reason.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter

from tests.support.paths import ROOT

LISTED = ROOT / "tests" / "soak" / "mutation" / "equivalent.toml"
NOTICED = {"killed", "timeout"}
Change = tuple[str, str, str]


def mutmut(*words: str) -> str:
    """What it answers; what goes wrong stands on the terminal."""
    command = [sys.executable, "-m", "mutmut", *words]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def change_of(mutant: str) -> Change:
    """The file, and the lines that the mutant takes away and puts in their place."""
    shown = mutmut("show", mutant).splitlines()
    path = next(line.removeprefix("--- ") for line in shown if line.startswith("--- "))
    old, new = (
        "\n".join(line[1:].strip() for line in shown if re.match(rf"\{sign}(?!\{sign})", line)) for sign in "-+"
    )
    return path, old, new


def survivors() -> list[Change]:
    """Make every mutant anew, print how many there were of each outcome, and give those that no test noticed."""
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    subprocess.run([sys.executable, "-m", "mutmut", "run"], cwd=ROOT, check=True)  # shows how far it is
    outcomes = dict(line.strip().rsplit(": ", 1) for line in mutmut("results", "--all", "true").splitlines())
    counts = Counter((name.partition(".x")[0], outcome) for name, outcome in outcomes.items())
    for (module, outcome), number in sorted(counts.items()):
        print(f"{number:4} {outcome:10} {module}", flush=True)
    return [change_of(name) for name, outcome in outcomes.items() if outcome not in NOTICED]


def noticed() -> bool:
    """Whether every mutant was noticed or is listed, and nothing is listed that is not there."""
    entries = tomllib.loads(LISTED.read_text("utf-8"))["equivalent"]
    listed = Counter((entry["file"], entry["old"], entry["new"]) for entry in entries)
    alive = Counter(survivors())
    for path, old, new in alive - listed:
        print(f"SURVIVED {path}\n  - {old}\n  + {new}")
    for path, old, new in listed - alive:
        print(f"NOT THERE ANY MORE, though listed: {path}\n  - {old}\n  + {new}")
    return alive == listed
