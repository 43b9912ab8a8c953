"""``zhiban roster`` and ``zhiban check`` as a script sees them: exit code, standard output, one line a fault."""

import argparse
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.cli import check, roster
from bot.cli.arguments import ADD
from tests.support.paths import EXAMPLE
from tests.support.roster_now import roster_for_now

Cli = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture(autouse=True)
def _in_october(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever the tests run, no month of their files is over."""
    monkeypatch.setattr("bot.cli.roster_import._today", lambda _: date(2026, 10, 1))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "site")
    path = tmp_path / "zhiban.toml"
    path.write_text('locale = "en"\ndata_dir = "site"\nstate_dir = "var"\n', "utf-8")
    return path


@pytest.fixture
def cli(config: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run ``zhiban roster WORDS…`` on a copy of the example: exit code, standard output, lines of standard error."""

    def run(*words: str) -> tuple[int, str, list[str]]:
        parser = argparse.ArgumentParser(prog="zhiban roster")
        ADD["roster"](parser)
        code = roster.main(parser.parse_args(["--config", str(config), *words]))
        said = capsys.readouterr()
        return code, said.out, said.err.splitlines()

    return run


def checked(config: Path) -> int:
    parser = argparse.ArgumentParser(prog="zhiban check")
    ADD["check"](parser)
    return check.main(parser.parse_args(["--config", str(config)]))


@pytest.mark.parametrize("name", ["december.csv", "december.xlsx"])
def test_a_month_is_generated_edited_and_taken_over(cli: Cli, tmp_path: Path, name: str) -> None:
    code, said, _ = cli("generate", "--month", "2026-12", "-o", str(tmp_path / name))
    assert code == 0
    assert "2026-12-26 Sat make-up working day  市府  08:30-18:00  " in said  # the site's own make-up day
    assert not (tmp_path / "var").exists()
    code, said, faults = cli("import", str(tmp_path / name))
    assert (code, said.splitlines()[-1], faults) == (0, f"written: {tmp_path}/var/roster/2026-12.csv", [])
    code, said, faults = cli("check", "--month", "2026-12")
    assert (code, faults) == (0, [])
    assert "zhou     周予安  on site 24" in said


def test_export_writes_what_import_reads(cli: Cli, tmp_path: Path) -> None:
    assert cli("export", str(tmp_path / "all.xlsx"), "--month", "2026-10")[0] == 0
    committed = (tmp_path / "site/roster/2026-10.csv").read_text("utf-8")
    (tmp_path / "site/roster/2026-10.csv").unlink()
    assert cli("import", str(tmp_path / "all.xlsx"))[0] == 0
    assert (tmp_path / "var/roster/2026-10.csv").read_text("utf-8") == committed


def test_a_faulty_file_is_refused_whole_with_every_fault(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    rows = ["date,post,slot,from,to,person,note", "2026-12-32,shifu,onsite,08:30,18:00,zhou,"]
    rows += ["2026-12-01,shifu,onsite,08:30,18:00,wen,", "2026-12-01,shifu,onsite,17:00,20:00,qiao,"]
    path.write_text("\n".join(rows), "utf-8")
    code, said, faults = cli("import", str(path))
    assert (code, said) == (1, "")
    assert [line.removeprefix(f"{path}:").split(": ")[:2] for line in faults] == [["2", "bad_date"], ["4", "overlap"]]
    assert not (tmp_path / "var").exists()


def test_a_gap_is_refused_at_its_line_unless_allowed(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "gap.csv"
    cli("export", str(path))
    kept = [
        line for line in path.read_text("utf-8").splitlines() if line != "2026-10-08,online,online,18:00,24:00,qiao,"
    ]
    path.write_text("\n".join(kept), "utf-8")
    line = next(n for n, text in enumerate(kept, 1) if text.startswith("2026-10-08"))
    code, _, faults = cli("import", str(path))
    assert code == 1
    assert faults == [
        f"{path}:{line}: gap: 2026-10-08 线上 18:00-24:00 has nobody online; add a row, or import with --allow-gaps"
    ]
    assert cli("import", str(path), "--allow-gaps", "--yes")[0] == 0
    assert cli("check") == (1, cli("check")[1], ["gap: 2026-10-08 线上 18:00-24:00 has nobody online"])


def test_check_tells_overlaps_of_the_kept_roster(cli: Cli, tmp_path: Path) -> None:
    with (tmp_path / "site/roster/2026-10.csv").open("a", encoding="utf-8") as file:
        file.write("2026-10-08,shifu,onsite,12:00,14:00,zhou,\n")
    code, _, faults = cli("check")
    assert code == 1
    assert len(faults) == 1
    assert ": overlap: " in faults[0]


def test_check_of_a_month_without_a_roster_is_not_fine(cli: Cli) -> None:
    code, _, faults = cli("check", "--month", "2026-11")
    assert code == 1
    assert faults[:2] == [
        "gap: 2026-11-01 线上 00:00-24:00 has nobody online",
        "gap: 2026-11-02 市府 08:30-18:00 has nobody onsite",
    ]


def test_check_says_that_a_year_is_unpublished(cli: Cli) -> None:
    assert "the holidays of 2097 are not published yet" in cli("check", "--month", "2097-01")[1]


@pytest.mark.parametrize("words", [["import", "nowhere.csv"], ["import", "nowhere.xlsx"], ["import", "nowhere.txt"]])
def test_a_file_that_is_not_there_is_a_usage_error(cli: Cli, words: list[str]) -> None:
    code, _, faults = cli(*words)
    assert code == 2
    assert faults == [f"{words[1]}: there is no such file; check its path and name"]


@pytest.mark.parametrize("words", [["generate", "--month", "2026-13"], ["generate"], ["export", "roster.pdf"], []])
def test_wrong_usage_exits_2(cli: Cli, words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli(*words)
    assert stopped.value.code == 2


def test_check_passes_the_example(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster_for_now(config.parent / "var")
    assert checked(config) == 0
    assert capsys.readouterr().out.startswith("fine: 27 people, 13 chats, 14 hosts; roster: 2026-10, ")


def test_check_tells_every_fault_of_the_data_and_exits_1(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, old, new in (("people.yaml", "[vendor]", "[vndor]"), ("hosts.yaml", "group: lb", "group: lbb")):
        path = config.parent / "site" / name
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    assert checked(config) == 1
    faults = capsys.readouterr().err.splitlines()
    assert any("unknown word vndor; did you mean vendor?" in line for line in faults)
    assert any("no host group has the id lbb; did you mean lb?" in line for line in faults)


def test_check_with_settings_that_cannot_be_used_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path / "nowhere.toml") == 2
    assert "没有这个文件" in capsys.readouterr().err
