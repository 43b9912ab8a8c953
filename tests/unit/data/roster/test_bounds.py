"""What is handed in as a roster costs neither memory nor time: it is refused with one line, measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.problems import Problems
from data.roster.files import read_file
from data.roster.rows import Words
from tests.support.paths import ROOT
from tests.support.roster_attacks import ATTACKS, workbook

MIB = 1024  # KiB
MEASURED = """
import json, sys, time
from pathlib import Path
from zoneinfo import ZoneInfo
from bot.core.problems import Problems
from data.roster.files import read_file
from data.roster.rows import Words
from data.roster.sentences import sentence
sentence("zh", "no_text")
def highest():  # ru_maxrss would be that of the process that started this one
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
for path in map(Path, sys.argv[1:]):
    problems, memory, cpu = Problems(), highest(), time.process_time()
    read_file(path, Words({}, {}, ZoneInfo("Asia/Shanghai")), problems)
    print(json.dumps([len(problems.found), highest() - memory, time.process_time() - cpu]))
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int, float]]:
    """Of each attack the number of faults, by how much the most memory rose (KiB) and the CPU seconds, in one process."""
    folder = tmp_path_factory.mktemp("attacks")
    for name, content in ATTACKS.items():
        (folder / name).write_bytes(content())
    words = [sys.executable, "-c", MEASURED, *(str(folder / name) for name in ATTACKS)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)  # this interpreter
    return dict(zip(ATTACKS, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("name", ATTACKS)
def test_8_3_a_file_that_would_cost_too_much_is_refused_with_one_line(
    measured: dict[str, tuple[int, int, float]], name: str
) -> None:
    faults, kib, seconds = measured[name]
    assert faults == 1
    assert kib < 64 * MIB
    assert seconds < 30  # on the slowest machine; seldom more than one


def test_8_3_all_of_them_together_take_little_memory(measured: dict[str, tuple[int, int, float]]) -> None:
    assert sum(kib for _, kib, _ in measured.values()) < 64 * MIB


def test_8_3_what_lies_hidden_is_not_even_opened(tmp_path: Path) -> None:
    """A hidden sheet and styles may be as large as they like: nobody reads them."""
    path = tmp_path / "r.xlsx"
    path.write_bytes(workbook("<broken", states=("hidden", "veryHidden"), more={"xl/styles.xml": b"<x/>" * 3_000_000}))
    problems = Problems("en")
    read_file(path, Words({}, {}, ZoneInfo("Asia/Shanghai"), locale="en"), problems)
    (line,) = problems.lines()
    assert ": bad_header: no roster found" in line


def test_8_3_faults_without_end_are_told_up_to_a_hundred(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("date,post,slot,from,to,person,note\n" + "x,x,x,x,x,x,x\n" * 10_000, "utf-8")
    problems = Problems()
    read_file(path, Words({}, {}, ZoneInfo("Asia/Shanghai")), problems)
    assert len(problems.found) == 100
    assert problems.found[-1].code == "too_many"
