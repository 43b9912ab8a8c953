"""``zhiban check`` is fine only where the desk may go on duty; what is wrong has its file, its line and the way out."""

import json
import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.cli.platforms import PLATFORMS
from bot.core.people import Role
from bot.core.problems import in_locale
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from bot.settings_lines import line_at, lines_of
from bot.work.capability import Findings
from data.roster.rotation import generate, shifts_of
from data.shifts import roster_of
from handlers.duty.readiness import ready
from tests.support.once import example_site
from tests.support.paths import EXAMPLE, ROOT
from tests.support.roster_now import roster_for_now
from tests.support.starter import ran

PYDANTIC = re.compile(r"Input should|Extra inputs|String should|Field required|Value error|unable to parse|\^\(")


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBAN_LOCALE", "en")


class Folder:
    """A data folder and settings of a test's own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(EXAMPLE, path / "data")
        self.settings('data_dir = "data"\n')
        roster_for_now(path / "var")

    def settings(self, text: str | bytes) -> None:
        (self.path / "zhiban.toml").write_bytes(text if isinstance(text, bytes) else text.encode())

    def change(self, name: str, old: str, new: str) -> int:
        """Change a file of the data; the line of the change."""
        file = self.path / "data" / name
        text = file.read_text("utf-8")
        assert text.count(old) >= 1, old
        file.write_text(text.replace(old, new, 1), "utf-8")
        return text[: text.index(old)].count("\n") + 1

    def check(self, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str], list[str]]:
        """The exit code, the faults, and what was said besides."""
        code = main(["check", "--config", str(self.path / "zhiban.toml")])
        said = capsys.readouterr()
        return code, said.err.splitlines(), said.out.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_8_25_the_example_with_a_roster_for_now_is_fine(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    code, faults, said = folder.check(capsys)
    assert (code, faults) == (0, [])
    assert said[0].startswith("fine: ")


def test_8_25_without_a_roster_for_this_month_nobody_is_on_duty_and_it_is_not_fine(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(folder.path / "var" / "roster")
    code, faults, said = folder.check(capsys)
    assert code == 1
    assert "nobody is on duty now" in faults[0]
    assert "zhiban roster import" in faults[0]
    assert not any(line.startswith("fine") for line in said)


@pytest.mark.parametrize(
    ("today", "months", "problems", "notes"),
    [
        ("2026-10-05", ["2026-10"], [], ["2026-11"]),
        ("2026-10-24", ["2026-10"], [], ["2026-11"]),
        ("2026-10-25", ["2026-10"], ["2026-11"], []),
        ("2026-10-31", ["2026-10", "2026-11"], [], []),
        ("2026-11-01", ["2026-10"], ["2026-11"], ["2026-12"]),
        ("2026-12-31", ["2026-12"], ["2027-01"], []),
    ],
)
def test_8_25_a_months_roster_is_needed_a_week_before_it_begins(
    today: str, months: list[str], problems: list[str], notes: list[str]
) -> None:
    site = example_site()
    site = site.with_roster(roster_of([shift for month in months for shift in shifts_of(generate(site, month))]))
    found = ready(site, date.fromisoformat(today))
    assert [in_locale(line, "en").split()[1] for line in found.problems] == problems
    assert [line.split()[2] for line in notes_of(found) if "is missing" in line] == notes


def notes_of(found: Findings) -> list[str]:
    return [in_locale(note, "en") for note in found.notes]


def test_8_25_gaps_of_the_coming_week_and_an_unpublished_year_are_worth_knowing() -> None:
    site = example_site()
    shifts = shifts_of(generate(site, "2096-12"))
    left = roster_of([shift for shift in shifts if shift.date != date(2096, 12, 3)])
    found = ready(site.with_roster(left), date(2096, 12, 1))
    assert any("12-03" in note and "nobody is on the roster" in note for note in notes_of(found))
    assert any("working days of 2097 are not known" in note for note in notes_of(found))
    sound = ready(site.with_roster(roster_of(shifts)), date(2096, 12, 1))
    assert not any("nobody is on the roster" in note for note in notes_of(sound))


@pytest.mark.parametrize("adapter", sorted(PLATFORMS.keys() - {"local", "recorder"}))
def test_8_25_a_platform_that_is_named_and_not_set_up_is_a_fault_with_its_line(
    folder: Folder, capsys: pytest.CaptureFixture[str], adapter: str
) -> None:
    folder.settings(f'data_dir = "data"\n\nadapters = ["local", "{adapter}"]\n')
    code, faults, _ = folder.check(capsys)
    assert code == 2
    assert all(fault.startswith(f"{folder.path}/zhiban.toml:3: {adapter}") for fault in faults)


@pytest.mark.parametrize(("group", "command"), [("oa", "/restart"), ("db", "/db stop")])
def test_8_25_commands_that_no_host_here_can_run_are_named(
    folder: Folder, capsys: pytest.CaptureFixture[str], group: str, command: str
) -> None:
    path = folder.path / "data" / "hosts.yaml"
    path.write_text(
        path.read_text("utf-8").replace(f"group: {group},", "group: other,").replace(f"  {group}:", "  other:")
    )
    _, _, said = folder.check(capsys)
    (note,) = [line for line in said if f"no host in the group {group}," in line]
    assert command in note
    assert "docs/runbooks.md" in note


def test_8_25_two_groups_of_one_name_have_their_line(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    chats = example_site().chats
    line = folder.change("chats.yaml", chats["donghu"].name, chats["xiling"].name)
    code, faults, _ = folder.check(capsys)
    assert (code, len(faults)) == (1, 1), faults
    assert faults[0].rpartition("/")[2].startswith(f"chats.yaml:{line + 1}: name: donghu and xiling have the same name")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("name", "{other_name}", "have the same name; write what tells them apart"),
        ("name", "{other_name_with_blank}", "have the same name"),
        ("phone", "{other_phone}", "have the same phone; give each"),
        ("phone", "+86{other_phone}", "have the same phone"),
        ("phone", "1380000001", "has 10 digits; a mobile number has 11"),
        ("phone", "138000000121", "has 12 digits; a mobile number has 11"),
        ("phone", "886001", "has only 6 digits; write the whole number"),
    ],
)
def test_8_25_a_name_or_phone_that_can_hardly_be_meant_has_its_line(
    folder: Folder, capsys: pytest.CaptureFixture[str], key: str, value: str, said: str
) -> None:
    people = example_site().people
    mine = people["zhou"]
    other = next(one for one in people.values() if one.phone and one.may(Role.ENGINEER) and one != mine)
    given = value.format(
        other_name=other.name, other_name_with_blank=f"{other.name[0]}　{other.name[1:]}", other_phone=other.phone
    )
    assert mine.phone
    line = folder.change("people.yaml", mine.name if key == "name" else mine.phone, given)
    code, faults, _ = folder.check(capsys)
    assert (code, len(faults)) == (1, 1), faults
    place, _, words = faults[0].partition(": ")
    assert place.rpartition("/")[2].startswith("people.yaml:")
    assert said in words
    if "same" not in said:
        assert place.endswith(f":{line}")


def test_8_25_a_key_that_is_not_there_is_a_fault(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.settings('data_dir = "data"\n[ssh]\nkey_file = "/nowhere/key"\n')
    code, faults, _ = folder.check(capsys)
    assert (code, faults) == (
        1,
        ["ssh.key_file: /nowhere/key is not there or cannot be read; run this as the user that Zhiban runs as"],
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("timezone = 8", "timezone: is no text; write it in quotes"),
        ('adapters = "local"', 'adapters: is no list; write ["one", "two"]'),
        ("adapters = []", "adapters: no platform is named; write one of dingtalk"),
        ("server = 3", "server: is a table; write [server] on a line of its own"),
        ('server.port = "abc"', "server.port: abc is no whole number; write digits"),
        ("server.port = 1.5", "server.port: is no whole number; write digits, without a point"),
        ("server.port = 70000", "server.port: 70000 is too large; write 65535 or less"),
        ("server.prot = 1", "server.prot: no such setting; did you mean port?"),
        ("sever.port = 1", "sever: no such setting; did you mean server?"),
        ("local.open = 7", "local.open: 7 is neither; write true or false"),
        ('duty.announce_at = "8:25"', "duty.announce_at: 8:25 does not fit; write it like 08:25"),
        ("runs.confirm_minutes = 0", "runs.confirm_minutes: 0 is too small; write more than 0"),
        ('ssh.connect_timeout = "soon"', "ssh.connect_timeout: soon is no number; write digits"),
        ("ssh.key_file = 3", "ssh.key_file: is no path; write it in quotes"),
        ('wecom.robots.shifuban.kee = "k"', "wecom.robots.shifuban.kee: no such setting; did you mean key?"),
        ('wecom.apps."ä b".agent_id = 1', "wecom.apps.ä b: is no name; use A-Z"),
        ('slack.bot_token_file = "/nope"', "slack.bot_token_file: cannot read /nope: No such file or directory"),
        ('slack.hears = "nothing"', "slack.hears: nothing is not known; write 'all' or 'mentions'"),
        ("port = ", "not valid TOML: Invalid value"),
    ],
)
def test_8_25_a_setting_that_is_wrong_has_its_line_and_our_own_words(
    folder: Folder, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    folder.settings(f'data_dir = "data"\n# ours\n\n{line}\n')
    code, faults, _ = folder.check(capsys)
    assert code == 2
    assert any(fault.startswith(f"{folder.path}/zhiban.toml:4: {said}") for fault in faults), faults
    assert not any(PYDANTIC.search(fault) for fault in faults)


def test_8_25_a_secret_is_not_said_again(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.settings('data_dir = "data"\n[mattermost]\ncommand_tokens = ["hunter2"]\nbot_token = 4711\n')
    _, faults, _ = folder.check(capsys)
    assert len(faults) >= 2
    assert not any("hunter2" in fault or "4711" in fault for fault in faults)


def test_8_25_what_a_variable_says_is_told_of_the_variable(
    folder: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIBAN_SERVER__PORT", "abc")
    monkeypatch.setenv("ZHIBAN_SEVER__HOST", "x")
    _, faults, _ = folder.check(capsys)
    assert sorted(faults) == [
        "ZHIBAN_SERVER__PORT: server.port: abc is no whole number; write digits",
        "ZHIBAN_SEVER__HOST: sever: no such setting; did you mean server?",
    ]


def test_8_25_settings_that_windows_wrote_are_read(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.settings(b'\xef\xbb\xbftimezone = "Asia/Shanghai"\r\ndata_dir = "data"\r\n')
    assert folder.check(capsys)[:2] == (0, [])
    folder.settings('data_dir = "data"\n'.encode("utf-16"))
    code, (fault,), _ = folder.check(capsys)
    assert code == 2
    assert fault == f"{folder.path}/zhiban.toml: not valid TOML: it is not UTF-8; save it with the encoding UTF-8"


def test_8_25_a_secret_in_a_file_that_windows_wrote_is_the_secret(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xef\xbb\xbf693a91f6\r\n")
    (tmp_path / "zhiban.toml").write_text(f'[wecom.robots.a]\nkey_file = "{tmp_path / "key"}"\n', "utf-8")
    settings = load_settings(tmp_path / "zhiban.toml", {}, platforms=PLATFORMS, sections=SECTIONS)
    assert settings.platforms["wecom"]["robots"]["a"]["key"] == "693a91f6"


def test_8_25_lines_of_tables_dotted_and_quoted_keys() -> None:
    lines = lines_of("a = 1\n[b.c]\n'd e'.f = 2\n[[g]]\nh = { i = 1 }\n")
    places = [("a",), ("b", "c", "d e", "f"), ("g", "h", "i"), ("b", "c", "none"), ("b",), ("z",)]
    assert [line_at(lines, place) for place in places] == [1, 3, 5, 2, 2, None]


@pytest.mark.parametrize("words", [["--help"], ["roster", "--help"], ["runbooks", "list"], ["check"]], ids=" ".join)
@pytest.mark.parametrize("stream", [1, 2])
def test_8_25_a_reader_that_has_gone_is_met_with_silence(words: list[str], stream: int, tmp_path: Path) -> None:
    (tmp_path / "zhiban.toml").write_text(
        'data_dir = "nowhere"\n' if words == ["check"] else f'data_dir = "{EXAMPLE}"\n'
    )
    ended = ran(words, tmp_path, os.environ, gone=stream)
    assert "BrokenPipe" not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert ended.returncode in {0, 1, 2}


MANY = "\n".join(["盖章点了没反应"] * 400)
TELLING = [
    ["roster", "check"],
    ["roster", "generate", "--month", "2026-12"],
    ["triage", "lines.jsonl"],
    ["runbooks", "list"],
    ["audit", "verify"],
    ["simulate", "--from", "2026-10-14T00:00", "--to", "2026-10-14T12:00"],
]


@pytest.mark.parametrize("words", TELLING, ids=" ".join)
@pytest.mark.parametrize("stream", [1, 2])
def test_8_25_no_command_complains_of_a_reader_that_has_gone(words: list[str], stream: int, tmp_path: Path) -> None:
    (tmp_path / "zhiban.toml").write_text(f'data_dir = "{EXAMPLE}"\n')
    lines = [json.dumps({"text": line, "role": "user"}) for line in MANY.splitlines()]
    (tmp_path / "lines.jsonl").write_text("\n".join([*lines, "no json"]))
    said = ran(words, tmp_path, {**os.environ, "PYTHONUNBUFFERED": "1"}, gone=stream)
    assert "roken pipe" not in said.stdout + said.stderr
    assert "BrokenPipe" not in said.stdout + said.stderr
    assert "Traceback" not in said.stdout + said.stderr


def test_8_25_the_demo_says_how_the_other_commands_are_called(tmp_path: Path) -> None:
    """``make run`` ends with this line: the program is in no PATH."""
    program = ROOT / ".venv" / "bin" / "zhiban"
    if not program.exists():
        pytest.skip("make setup puts the program there")
    with subprocess.Popen(
        [program, "demo", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as demo:
        assert demo.stdout is not None
        said = [demo.stdout.readline() for _ in range(3)]
        demo.terminate()
    assert any(f"{program} --help" in line for line in said), said


def test_8_25_what_a_group_without_a_balancer_does_without_is_said(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, sound = folder.check(capsys)
    assert not any("has no balancer" in line for line in sound), "db and test have no runbook that needs one"
    path = folder.path / "data" / "hosts.yaml"
    path.write_text(re.sub(r"    balancer:\n(?:      .*\n)+", "", path.read_text("utf-8")), "utf-8")
    _, _, said = folder.check(capsys)
    (note,) = [line for line in said if "has no balancer" in line]
    refused, blind = note.split(";")
    assert note.startswith("note: the group oa of hosts.yaml has no balancer")
    for name in ("/conns", "/drain", "/nodes", "/nginx stop", "/rolling-restart", "/undrain"):
        assert name in refused
    assert "/restart" in blind
    assert "/stop" in blind
    assert main(["check", "--hosts", "--config", str(folder.path / "zhiban.toml")]) == 0
    assert "nothing to look at on the hosts" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("chats.yaml", "minzheng: {", "minzheng: {platform: weixin, ", "platform: no platform has the name weixin;"),
        ("people.yaml", "accounts: {slack:", "accounts: {slak:", "no platform has the name slak; did you mean slack?"),
        ("hosts.yaml", "tags: [primary]", "tags: [primery]", "no host of db has the tag primary, so /"),
        ("hosts.yaml", "tags: [standby]", "tags: [primary]", "2 hosts of db have the tag primary, so /"),
    ],
)
def test_8_25_what_names_nothing_that_there_is_is_a_fault(
    folder: Folder, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str, says: str
) -> None:
    line = folder.change(file, old, new)
    code, faults, _ = folder.check(capsys)
    assert code == 1
    (fault,) = faults
    assert says in fault
    assert file in fault
    assert file == "hosts.yaml" or f"{file}:{line}: " in fault


def test_8_25_a_state_folder_that_cannot_be_one_is_a_fault(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.settings('data_dir = "data"\nstate_dir = "zhiban.toml/var"\n')
    code, faults, _ = folder.check(capsys)
    assert code == 1
    assert any(fault.startswith("state_dir: ") and "is no folder" in fault for fault in faults)


def test_8_25_whom_routes_and_clocks_tell_and_who_is_not_there_is_told(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, said = folder.check(capsys)
    assert not any("nobody hears it" in line or "nobody is told then" in line for line in said)
    folder.change("people.yaml", "roles: [business]", "roles: []")
    folder.change("people.yaml", "headquarters: [hq]", "headquarters: []")
    _, _, said = folder.check(capsys)
    assert [line for line in said if "has the role business" in line]
    assert [line for line in said if "contacts of people.yaml names none" in line]
    assert not [line for line in said if "has the role director" in line]


def test_8_25_an_organisation_without_a_duty_room_is_told(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.change("chats.yaml", "duty-room: {", "duty-room: {region: shifu, post: shifu, ")
    _, _, said = folder.check(capsys)
    assert any("has no duty room" in line for line in said)
