"""One run of ``zhiban check`` lists everything that is wrong: no file hides the faults of another, and none is told twice."""

import re
import shutil
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.support.paths import EXAMPLE
from tests.support.roster_now import roster_for_now

# One fault of each file that can be seen in that file alone: what is written instead of what, and a word of the line about it.
PLANTED = {
    "people.yaml": ("phone: 13800000014", "phone: 1xx-xxxx", "no number"),
    "posts.yaml": ("hours: 08:30-18:00", "hours: 18:00-08:30", "is not a time of day"),
    "chats.yaml": ("importance: 12", "importance: 0", "is no number from 1"),
    "hosts.yaml": ("address: 10.154.0.181", "address: 10.154.0.181/24", "neither an IP address"),
    "sla.yaml": ("respond: 10m", "respond: 10x", "is not a duration"),
    "routes.yaml": ("copy: [lead]", "copy: [leed]", "did you mean lead?"),
    "holidays.yaml": ("kind: workday", "kind: wrokday", "did you mean workday?"),
}
ROSTER = "date,post,slot,from,to,person,note\n2026-10-40,zhengshu,onsite,08:30,18:00,hemu,\n"
OF_ROSTER = "2026-10.csv:2: bad_date"


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBAN_LOCALE", "en")


class Site:
    """A data folder and settings with a fault in each file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path / "data"
        shutil.copytree(EXAMPLE, self.data)
        (self.data / "holidays.yaml").write_text("days:\n  2026-12-26: {kind: workday}\n", "utf-8")
        roster_for_now(path / "var")
        self.settings('data_dir = "data"\n')

    def settings(self, text: str) -> None:
        (self.path / "zhiban.toml").write_text(text, "utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.data / name).read_text("utf-8")
        assert old in text, old
        (self.data / name).write_text(text.replace(old, new, 1), "utf-8")

    def plant_everywhere(self) -> None:
        for name, (old, new, _) in PLANTED.items():
            self.edit(name, old, new)
        (self.data / "roster" / "2026-10.csv").write_text(ROSTER, "utf-8")

    def check(self, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
        code = main(["check", "--config", str(self.path / "zhiban.toml")])
        return code, capsys.readouterr().err.splitlines()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def missing(path: Path) -> None:
    path.unlink()


def tabbed(path: Path) -> None:
    path.write_text("\tname: x\n" + path.read_text("utf-8"), "utf-8")


def empty(path: Path) -> None:
    path.write_text("# nothing yet\n", "utf-8")


@pytest.mark.parametrize("broken", [None, *PLANTED])
@pytest.mark.parametrize("breaks", [missing, tabbed])
def test_8_25_a_file_that_cannot_be_read_hides_no_fault_of_another(
    site: Site, capsys: pytest.CaptureFixture[str], broken: str | None, breaks: object
) -> None:
    site.plant_everywhere()
    if broken is not None and callable(breaks):
        breaks(site.data / broken)
    code, lines = site.check(capsys)
    assert code == 1
    for name, (_, _, word) in PLANTED.items():
        said = [line for line in lines if f"/{name}:" in line]
        assert len(said) == 1, lines
        assert (word in said[0]) == (name != broken)
    assert sum(OF_ROSTER in line for line in lines) == 1
    assert len(lines) == len(PLANTED) + 1


@pytest.mark.parametrize("bare", ["people.yaml", "posts.yaml", "sla.yaml", "routes.yaml"])
def test_8_25_a_file_without_entries_is_told_once_and_hides_nothing(
    site: Site, capsys: pytest.CaptureFixture[str], bare: str
) -> None:
    site.plant_everywhere()
    empty(site.data / bare)
    _, lines = site.check(capsys)
    told = [line.partition(".yaml:")[0].rpartition("/")[2] + ".yaml" for line in lines if ".yaml:" in line]
    assert sorted(told) == sorted(PLANTED)


def test_8_25_a_missing_file_leaves_out_only_what_needs_it(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is called unknown because ``people.yaml`` is missing, and what is missing for duty is told without ``hosts.yaml``."""
    (site.data / "people.yaml").unlink()
    _, lines = site.check(capsys)
    assert [line.partition("/data/")[2][:24] for line in lines] == ["people.yaml:1: this file"]
    shutil.copy(EXAMPLE / "people.yaml", site.data)
    (site.data / "hosts.yaml").unlink()
    shutil.rmtree(site.path / "var" / "roster")
    shutil.rmtree(site.data / "roster")
    _, lines = site.check(capsys)
    assert ["hosts.yaml" in lines[0], "nobody is on duty now" in lines[1], len(lines)] == [True, True, 2]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('data_dir = "data"\nlocal = 3\n', 1),
        ('data_dir = "data"\ntimezone = "Asia/Shanghia"\n', 1),
        ('data_dir = "data"\nadapters = ["slak"]\n', 1),
        ('data_dir = "data"\n[server]\nprot = 1\n[wecom.robots.x]\nkye = "k"\n', 2),
        ('data_dri = "data"\n', 1),
        ('data_dir = "data"\nlocale = zh\n[server]\nport = 1\n', 1),
    ],
    ids=["table", "zone", "platform", "keys", "the folder's key", "no TOML"],
)
def test_8_25_a_wrong_setting_hides_no_fault_of_the_data(
    site: Site, capsys: pytest.CaptureFixture[str], settings: str, said: int
) -> None:
    site.plant_everywhere()
    site.settings(settings)
    code, lines = site.check(capsys)
    assert code == 2
    of_settings = [line for line in lines if "zhiban.toml" in line]
    assert len(of_settings) == said, lines
    for name, (_, _, word) in PLANTED.items():
        assert any(f"/{name}:" in line and word in line for line in lines), name


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("people.yaml", "emergency: shen ", "emergency: "),
        ("people.yaml", "phone: 13800000014, ", ""),
        ("people.yaml", "name: 温若川, ", "nmae: 温若川, "),
        ("posts.yaml", "    lead: fang\n", ""),
        ("posts.yaml", "    lead: fang\n", "    lead: fangg\n"),
        ("posts.yaml", "    lead: fang\n", "    lead: [fang, su]\n"),
        ("posts.yaml", "    cover:\n", "    covers:\n"),
        ("sla.yaml", "    repeat_every: 5m\n", ""),
        ("sla.yaml", "    respond: 10m\n", ""),
        ("sla.yaml", "    respond: 10m\n", "    respnd: 10m\n"),
        ("sla.yaml", "to: [engineer]}", "to: [enginer]}"),
        ("sla.yaml", "{after: 5m, to: [engineer]}", "{to: [engineer]}"),
        ("routes.yaml", "to: [business], ", "to: [bussiness], "),
        ("routes.yaml", "to: [business], ", ""),
        ("routes.yaml", "then_after: 60m", "then_after: soon"),
        ("routes.yaml", "  business: {", "  busines: {"),
        ("hosts.yaml", "group: oa, ", "group: ao, "),
        ("hosts.yaml", "group: oa, ", ""),
        ("hosts.yaml", "host: lb1", "hots: lb1"),
        ("chats.yaml", "post: shiwei,", "post: shiwai,"),
        ("posts.yaml", "served_by: shifu", "served_by: shifo"),
        ("posts.yaml", "    lead: fang\n", "    lead: fang\n    served_by: shifu\n"),
        ("people.yaml", "roles: [vendor]", "roles: [vender]"),
    ],
)
def test_8_25_one_mistake_is_told_once(
    site: Site, capsys: pytest.CaptureFixture[str], name: str, old: str, new: str
) -> None:
    site.edit(name, old, new)
    _, lines = site.check(capsys)
    assert len(lines) == 1, lines
    assert f"/{name}:" in lines[0]


def test_8_25_a_person_who_is_called_otherwise_now_is_told_once_with_every_place(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who stands beside him in a list is not whom it meant."""
    site.edit("people.yaml", "  qian:", "  qianxx:")
    site.edit("people.yaml", "emergency: shen ", "emergency: qian ")
    site.edit("chats.yaml", "members: [lixiao, zhao,", "members: [qian, qin,")
    _, lines = site.check(capsys)
    told = [line for line in lines if "the id qian;" in line]
    assert len(told) == 1, lines
    places = {
        n for n, line in enumerate((site.data / "chats.yaml").read_text("utf-8").splitlines(), 1) if "qian" in line
    }
    first = min(places)
    assert f"chats.yaml:{first}: members: no person has the id qian; did you mean qianxx?" in told[0]
    rest = ", ".join(str(place) for place in sorted(places - {first}))
    assert f"(also chats.yaml line {rest}; people.yaml line " in told[0]


def test_8_25_a_platform_that_there_is_not_hides_no_fault_of_those_beside_it(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.settings('data_dir = "data"\nadapters = ["slak", "wecom", "local"]\n')
    _, lines = site.check(capsys)
    assert [line for line in lines if "did you mean slack?" in line]
    assert [line for line in lines if "[wecom.bots.NAME]" in line]
    assert len(lines) == 2, lines


TWO_WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
NAMES = re.compile(r"Socket Mode|zhiban [a-z]+( [a-z]+)?( --month [0-9-]+ -o)?")


@pytest.mark.parametrize("adapters", ["local", "slack", "wecom,feishu,dingtalk", "mattermost,matrix"])
def test_8_25_check_speaks_the_language_of_the_settings(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, adapters: str
) -> None:
    """Chinese without a word of English but commands, keys and names; English without a Chinese sign but what people wrote."""
    monkeypatch.setenv("ZHIBAN_LOCALE", "zh")
    site.settings('data_dir = "data"\n')
    config = ["check", "--config", str(site.path / "zhiban.toml")]
    assert main(config) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("没有问题，可以上岗：27 人，13 个群，14 台服务器；值班表：")
    assert all(line.startswith("提示：") for line in said[1:])
    site.plant_everywhere()
    shutil.rmtree(site.path / "var" / "roster")
    (site.data / "people.yaml").write_text((site.data / "people.yaml").read_text("utf-8").replace("operator]", "lead]"))
    monkeypatch.setenv("ZHIBAN_ADAPTERS", adapters)
    main(config)
    out, err = capsys.readouterr()
    lines = [NAMES.sub("", line.replace(str(site.path), "")) for line in (out + err).splitlines()]
    assert len(lines) > len(PLANTED)
    assert [line for line in lines if TWO_WORDS.search(line)] == []
    monkeypatch.setenv("ZHIBAN_LOCALE", "en")
    main(config)
    out, err = capsys.readouterr()
    assert [line for line in (out + err).splitlines() if re.search("[一-鿿]", line)] == []
