"""A changed file counts at once; with a fault anywhere the desk serves on, rights are today's, nothing runs (decisions: Rights)."""

import os
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import ConfigError
from bot.core.people import Account, Role
from data.live import LiveSite
from data.load.desk import load_desk
from data.site import Site
from tests.support.paths import EXAMPLE

TZ = "Asia/Shanghai"
BROKEN = "hosts: ["


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "data"))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def live(data: Path, state: Path | None = None) -> LiveSite:
    return LiveSite(lambda: load_desk(data, state, TZ), (data, data / "roster"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def drop(data: Path, person: str) -> None:
    """Take somebody out of people.yaml, and of nothing else."""
    _rewrite(data, person, "")


def _rewrite(data: Path, person: str, line: str) -> None:
    """Put another line in the place of somebody's."""
    text = (data / "people.yaml").read_text("utf-8")
    text, found = re.subn(rf"(?m)^  {person}: .*\n", line, text)
    assert found == 1
    (data / "people.yaml").write_text(text, "utf-8")


def test_a_changed_file_is_in_force(data: Path) -> None:
    site = live(data)
    change(data / "chats.yaml", "name: 统计局交流群", "name: 统计大家庭")
    assert site.refresh()
    assert (site().chats["tongji"].name, site().faults) == ("统计大家庭", ())
    assert not site.refresh()


def test_8_2_who_is_taken_out_has_no_right_though_a_chat_and_a_roster_still_name_him(data: Path, state: Path) -> None:
    site = live(data, state)
    (data / "roster" / "2099-01.csv").write_text(
        "date,post,slot,from,to,person,note\n2099-01-02,shifu,onsite,08:30,18:00,wen,\n", "utf-8"
    )
    assert site.refresh()
    before = site().chats
    assert site().faults == ()
    drop(data, "wen")
    assert site.refresh()
    assert "wen" not in site().people
    assert site().person_of(Account("local", "wen")) is None
    assert any("chats.yaml" in fault and "wen" in fault for fault in site().faults)
    assert any("2099-01.csv:2" in fault and "wen" in fault for fault in site().faults)
    assert all(shift.person != "wen" for shift in site().roster.shifts)
    assert set(site().chats) == set(before)


@pytest.mark.parametrize("elsewhere", ["hosts", "sla", "routes", "posts", "chats", "holidays"])
def test_8_2_a_right_taken_away_together_with_a_fault_elsewhere_is_gone(
    data: Path, state: Path, elsewhere: str
) -> None:
    site = live(data, state)
    assert site().people["wen"].roles == {Role.ENGINEER}
    change(data / "people.yaml", "name: 温若川, roles: [engineer]", "name: 温若川, roles: []")
    (data / f"{elsewhere}.yaml").write_text(BROKEN, "utf-8")
    assert site.refresh()
    assert site().people["wen"].roles == frozenset()
    assert site().faults
    assert set(site().chats) == set(live(EXAMPLE)().chats)
    assert site().policy("shifu", 1).respond == live(EXAMPLE)().policy("shifu", 1).respond


def test_8_2_a_right_taken_away_beside_a_fault_in_the_same_file_is_gone(data: Path, state: Path) -> None:
    site = live(data, state)
    change(data / "people.yaml", "name: 温若川, roles: [engineer]", "name: 温若川, roles: []")
    change(data / "people.yaml", "phone: 13800000014", "phone: 138xxxx0014")
    assert site.refresh()
    assert site().people["wen"].roles == frozenset()
    assert any("people.yaml" in fault for fault in site().faults)


def test_8_2_the_next_start_comes_up_and_says_what_is_wrong(data: Path, state: Path) -> None:
    good = live(data, state)()
    for name in ("hosts", "sla", "routes", "posts", "chats", "holidays"):
        (data / f"{name}.yaml").write_text(BROKEN, "utf-8")
    drop(data, "wen")
    site = live(data, state)()
    assert len(site.faults) >= 6
    assert "wen" not in site.people
    assert (set(site.chats), set(site.posts), site.sla) == (set(good.chats), set(good.posts), good.sla)


def test_8_2_people_that_cannot_be_read_at_all_are_those_of_before_and_nothing_runs(data: Path, state: Path) -> None:
    good = live(data, state)()
    (data / "people.yaml").write_text("people: [", "utf-8")
    site = live(data, state)()
    assert set(site.people) == set(good.people)
    assert site.faults


def test_8_2_where_nobody_was_ever_known_there_is_no_desk(data: Path, state: Path) -> None:
    (data / "people.yaml").write_text("people: [", "utf-8")
    with pytest.raises(ConfigError):
        load_desk(data, state, TZ)


def test_8_2_a_mended_folder_counts_without_a_start(data: Path, state: Path) -> None:
    hosts = (data / "hosts.yaml").read_text("utf-8")
    (data / "hosts.yaml").write_text(BROKEN, "utf-8")
    site = live(data, state)
    assert site().faults
    change(data / "chats.yaml", "name: 统计局交流群", "name: 统计大家庭")
    assert site.refresh()
    assert (site().chats["tongji"].name, bool(site().faults)) == ("统计大家庭", True)
    (data / "hosts.yaml").write_text(hosts, "utf-8")
    assert site.refresh()
    assert (site().faults, "oa3" in site().hosts) == ((), True)


def test_8_2_an_account_that_two_claim_speaks_for_neither(data: Path, state: Path) -> None:
    live(data, state)
    for name, person in (("wen", "温若川"), ("qiao", "乔望")):
        _rewrite(
            data,
            name,
            f"  {name}: {{name: {person}, roles: [engineer], phone: 13800000013, accounts: {{slack: U1}}}}\n",
        )
    site = live(data, state)()
    assert site.person_of(Account("slack", "U1")) is None
    assert any("同时属于" in fault for fault in site.faults)


def test_8_2_a_past_roster_may_name_who_left(data: Path, state: Path) -> None:
    assert ",wen," in (data / "roster" / "2026-10.csv").read_text("utf-8")
    drop(data, "wen")
    site = live(data, state)()
    assert not [fault for fault in site.faults if "/roster/" in fault]
    assert {shift.person for shift in site.roster.former} == {"wen"}
    assert all(shift.person != "wen" for shift in site.roster.shifts)


def test_8_2_what_is_kept_is_for_the_service_alone(data: Path, state: Path) -> None:
    live(data, state)
    kept = sorted((state / "last_good").iterdir())
    assert [path.name for path in kept] == sorted(
        f"{n}.yaml" for n in ["people", "posts", "chats", "hosts", "sla", "routes", "holidays"]
    )
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def _locked_by_an_editor(path: Path) -> None:
    path.write_text(BROKEN, "utf-8")
    path.with_name(f".#{path.name}").symlink_to("qin@duty.4711:1764460000")


SPOILT: dict[str, Callable[[Path], object]] = {
    "a pipe": _pipe,
    "a folder": _folder,
    "a link to itself": _loop,
    "locked by an editor": _locked_by_an_editor,
    "far too large": lambda path: path.write_bytes(b"a: " + b"x" * 30_000_000),
    "far too many values": lambda path: path.write_text("".join(f"k{n}: v\n" for n in range(250_000)), "utf-8"),
    "very deep": lambda path: path.write_text("a: " + "[" * 100_000, "utf-8"),
    "deep maps": lambda path: path.write_text("".join(" " * n + "a:\n" for n in range(1500)), "utf-8"),
}


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *((name, how) for name in ("hosts.yaml", "chats.yaml") for how in SPOILT),
        ("roster/2026-10.csv", "a link to itself"),
    ],
)
def test_8_2_whatever_became_of_another_file_rights_are_todays_and_it_starts(
    data: Path, state: Path, name: str, how: str
) -> None:
    site = live(data, state)
    drop(data, "wen")
    SPOILT[how](data / name)
    assert site.refresh()
    again = live(data, state)()
    for now in (site(), again):
        assert "wen" not in now.people
        assert now.faults or name.startswith("roster")  # a link that leads nowhere is no roster
        assert set(now.chats) == set(live(EXAMPLE)().chats)


def test_8_2_what_may_not_be_read_is_told_and_counts_when_it_may(
    data: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``sudo`` left a file that is root's alone; the tests are root, so the refusal is played."""
    site, hosts, opened = live(data, state), data / "hosts.yaml", Path.open

    def refuses(path: Path, *given: Any, **named: Any) -> Any:
        if path.name == hosts.name and stat.S_IMODE(path.stat().st_mode) == 0:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *given, **named)

    monkeypatch.setattr(Path, "open", refuses)
    hosts.chmod(0)
    assert site.refresh()
    assert [fault for fault in site().faults if "hosts.yaml:1" in fault and "没有权限" in fault]
    hosts.chmod(0o644)
    assert site.refresh(), "its time is the same, its rights are not"
    assert site().faults == ()


def test_8_2_a_roster_that_cannot_be_looked_into_is_a_fault_and_not_an_empty_one(
    data: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, listed = live(data, state), Path.iterdir
    before = site().roster.shifts

    def refuses(folder: Path) -> Any:
        if folder.name == "roster":
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", refuses)
    assert site.refresh()
    assert [fault for fault in site().faults if "roster" in fault and "Permission denied" in fault]
    assert site().roster.shifts == before


def test_8_2_who_stands_no_more_in_a_file_that_is_no_yaml_has_no_right(data: Path, state: Path) -> None:
    site = live(data, state)
    drop(data, "wen")
    change(data / "people.yaml", "people:\n", "people:\n  # wen: was one of us\n\tnew: [\n")
    assert site.refresh()
    for now in (site(), live(data, state)()):
        assert "wen" not in now.people
        assert now.people["zhou"].roles == {Role.ENGINEER}
        assert now.faults


def test_8_2_where_the_loading_itself_breaks_nothing_runs(data: Path, state: Path) -> None:
    broken = False

    def load() -> Site:
        if broken:
            raise AttributeError("a bug of ours")
        return load_desk(data, state, TZ)

    site = LiveSite(load, (data,))
    broken = True
    change(data / "chats.yaml", "name: 统计局交流群", "name: 统计大家庭")
    assert site.refresh()
    assert ["AttributeError" in fault for fault in site().faults] == [True]
    broken = False
    change(data / "chats.yaml", "name: 统计大家庭", "name: 统计一家")
    assert site.refresh()
    assert site().faults == ()
