"""What ``zhiban roster import`` says of a file that it refuses: what is written wrong first, then what follows from whole rows."""

from pathlib import Path

import pytest

from tests.unit.bot.cli.test_roster_import import Cli, _in_october, cli, config, kept, written

__all__ = ["_in_october", "cli", "config"]
DAYS = [f"2026-10-{n:02d}" for n in range(1, 24)]


def at_shifu(tmp_path: Path) -> Path:
    return written(tmp_path, *(f"{day},shifu,onsite,08:30,18:00,周予安," for day in DAYS), name="first.csv")


def test_8_26_a_misspelt_name_stands_above_the_overlaps(cli: Cli, tmp_path: Path) -> None:
    """23 days on which 周予安 stands at two posts, and below them one name that nobody has."""
    assert cli("import", at_shifu(tmp_path), "--allow-gaps")[0] == 0
    rows = [f"{day},zhengshu,onsite,08:30,18:00,周予安," for day in DAYS]
    file = written(tmp_path, *rows, "2026-10-24,zhengshu,onsite,08:30,18:00,周于安,", name="second.csv")
    code, said, lines = cli("import", file, "--allow-gaps")
    assert (code, said) == (1, [])
    assert lines[0].endswith("second.csv:25: unknown_person: F25: 没有叫“周于安”的人，是不是：周予安")
    assert ["时间重叠" in line for line in lines[1:]] == [True, True, True, True]
    assert lines[-1] == "另外 20 处时间重叠没有列出，先改上面的"
    assert len(kept(tmp_path, "2026-10")) == 23


def test_8_26_overlaps_alone_are_told_and_counted(cli: Cli, tmp_path: Path) -> None:
    assert cli("import", at_shifu(tmp_path), "--allow-gaps")[0] == 0
    rows = [f"{day},zhengshu,onsite,08:30,18:00,周予安," for day in DAYS]
    code, _, lines = cli("import", written(tmp_path, *rows, name="second.csv"), "--allow-gaps")
    assert code == 1
    assert len(lines) == 13
    assert lines[-1] == "另外 11 处时间重叠没有列出，先改上面的"


def test_8_26_one_mistake_in_many_cells_is_one_line(cli: Cli, tmp_path: Path) -> None:
    rows = [f"{day},shifu,onsite,08:30,18:00,周于安," for day in DAYS]
    rows[4] = rows[4].replace("08:30", "25:00")
    code, _, lines = cli("import", written(tmp_path, *rows), "--allow-gaps")
    assert code == 1
    first, *others = [line.partition("r.csv:")[2] for line in lines]
    assert first == (
        "2: unknown_person: F2: 没有叫“周于安”的人，是不是：周予安（同样的还有 22 处：F3、F4、F5、F6、F7、F8 …）"
    )
    assert len(others) == 1
    assert others[0].startswith("6: ")


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ("周于安", "是不是：周予安"),
        ("温诺川", "是不是：温若川"),
        ("zhuo", "是不是：zhou"),
        ("李小", "请写 people.yaml 里的姓名或编号"),  # 李晓 only reports: nobody may put him on duty
        ("司马相如", "请写 people.yaml 里的姓名或编号"),
    ],
)
def test_8_26_only_names_like_the_written_one_are_offered(cli: Cli, tmp_path: Path, given: str, offered: str) -> None:
    _, _, lines = cli("import", written(tmp_path, f"2026-10-01,shifu,onsite,08:30,18:00,{given},"), "--allow-gaps")
    assert lines[0].partition(": F2: ")[2] == f"没有叫“{given}”的人，{offered}"


def test_8_26_posts_are_few_and_all_are_named(cli: Cli, tmp_path: Path) -> None:
    _, _, lines = cli("import", written(tmp_path, "2026-10-01,信访局,onsite,08:30,18:00,zhou,"), "--allow-gaps")
    assert lines[0].endswith("没有叫“信访局”的驻点，可以写：市府、市委、政数局、线上")
