"""The data folder: the example loads, and each thing that can be wrong is told with its file and line."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from bot.core.people import Account, Reach, Role
from data.load.site import load_site
from data.model import Audience, Host
from runbooks.planning.plan import target_of
from tests.support.paths import EXAMPLE

SITE = load_site(EXAMPLE)


def test_the_example_organisation_is_whole() -> None:
    assert (len(SITE.people), len(SITE.chats), len(SITE.posts), len(SITE.hosts)) == (27, 13, 4, 14)
    assert SITE.emergency.id == "shen"
    assert SITE.chats["shiweiban"].reach is Reach.MANUAL
    assert SITE.people["hemu"].may(Role.ENGINEER)
    assert not SITE.people["qin"].may(Role.ENGINEER)
    assert SITE.people["lixiao"].roles == frozenset()
    assert SITE.calendar.kind(datetime(2026, 12, 26, tzinfo=UTC).date()).works


def test_accounts_posts_and_leads_are_found() -> None:
    post = SITE.post_of(SITE.chats["shiweiban"])
    assert post is SITE.posts["shifu"]
    lead = SITE.lead_of(SITE.posts["shiwei"])
    assert lead is SITE.people["hemu"]
    assert SITE.person_of(Account("local", "zhou")) is SITE.people["zhou"]
    assert SITE.person_of(Account("slack", "U0ZHOU0001")) is SITE.people["zhou"]
    assert SITE.person_of(Account("slack", "zhou")) is None
    assert SITE.person_of(Account("local", "stranger")) is None


@pytest.mark.parametrize(
    ("written", "path", "fine", "not_fine"),
    [
        ("{}", "/", (200, 302, 499), (199, 500, 503)),
        ("{path: /login}", "/login", (200, 404), (503,)),
        ("{codes: 200}", "/", (200,), (201, 302)),
        ("{path: /a?b=1, codes: [200-299, 401, 503]}", "/a?b=1", (204, 401, 503), (302, 500)),
    ],
)
def test_8_18_a_group_says_what_a_healthy_answer_is(
    tmp_path: Path, written: str, path: str, fine: tuple[int, ...], not_fine: tuple[int, ...]
) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "data")
    file = tmp_path / "data" / "hosts.yaml"
    file.write_text(file.read_text("utf-8").replace("health: {path: /, codes: 200-499}", f"health: {written}"), "utf-8")
    health = load_site(tmp_path / "data").host_groups["oa"].health
    assert health.path == path
    assert all(health.fine(code) for code in fine)
    assert not any(health.fine(code) for code in not_fine)


def test_8_18_a_node_may_have_an_ipv6_address(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "data")
    file = tmp_path / "data" / "hosts.yaml"
    file.write_text(
        file.read_text("utf-8").replace("upstream: 10.154.0.179:6888", "upstream: '[fd00::3]:6888'"), "utf-8"
    )
    assert load_site(tmp_path / "data").hosts["oa1"].upstream == "[fd00::3]:6888"


def test_jump_hosts_are_resolved_one_behind_the_other(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "data")
    path = tmp_path / "data" / "hosts.yaml"
    text = path.read_text("utf-8").replace("10.154.0.181,", "10.154.0.181, jump: lb1,")
    path.write_text(text.replace("lb1: {group: lb,", "lb1: {group: lb, jump: test1,"), "utf-8")
    hosts = load_site(tmp_path / "data").hosts
    assert hosts["oa2"].jump == hosts["lb1"]
    assert hosts["lb1"].jump == hosts["test1"]
    assert [hop.id for hop in target_of(hosts["oa2"]).way] == ["test1", "lb1", "oa2"]
    assert hosts["oa1"].jump is None


def test_direct_chats_exist_for_known_persons_only() -> None:
    chat = SITE.chat("dm-zhou")
    assert chat is not None
    assert chat.person == "zhou"
    assert SITE.chat("dm-nobody") is None
    assert SITE.chat("shifuban") is SITE.chats["shifuban"]
    assert SITE.chat("nowhere") is None


def test_the_clocks_of_the_sop() -> None:
    home, county = SITE.policy("shifu", 2), SITE.policy("county", 1)
    assert home.respond == county.respond == timedelta(minutes=10)
    assert (home.arrive, county.arrive) == (timedelta(minutes=30), timedelta(hours=3))
    assert [(rung.after.seconds // 60, rung.breach) for rung in home.rungs] == [
        (5, False),
        (8, False),
        (10, True),
        (15, False),
    ]
    assert home.rungs[-1].to == (Audience.DIRECTOR, Audience.EMERGENCY)
    assert SITE.policy(None, 3).id == "standard"


def test_the_upstream_of_the_sop_is_another_field_than_the_ssh_address() -> None:
    oa10 = SITE.hosts["oa10"]
    moved = SITE.with_hosts({"oa10": Host("oa10", "oa", "127.0.0.1", 2210, upstream=oa10.upstream)})
    assert oa10.upstream == moved.hosts["oa10"].upstream == "10.154.54.58:6888"
    assert [host.id for host in moved.group_hosts("oa")] == [f"oa{n}" for n in range(1, 11)]
    assert moved.hosts["oa10"].address == "127.0.0.1"
    assert SITE.hosts["oa10"] is oa10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "site"))


Edit = Callable[[str, str, str], str]


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Change one spot of a file of the copy; gives ``path:line`` of the change."""

    def change(name: str, old: str, new: str) -> str:
        path = folder / name
        text = path.read_text("utf-8")
        assert text.count(old) >= 1, f"{old} is not in {name}"
        path.write_text(text.replace(old, new, 1), "utf-8")
        line = text[: text.index(old)].count("\n") + 1
        return f"{path}:{line}: "

    return change


def faults(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_site(folder, locale="en")
    return caught.value.faults


ONE_FAULT = [
    ("people.yaml", "name: 周予安", "nmae: 周予安, name: 周予安", "unknown key nmae; did you mean name?"),
    ("people.yaml", "name: 温若川, ", "", "name is missing"),
    ("people.yaml", "phone: 13800000014, ", "", "qiao has no phone"),
    ("people.yaml", "13800000014", "1xx-xxxx-xxxx", "is a placeholder or no number"),
    (
        "people.yaml",
        "roles: [coordinator]",
        "roles: [coordinater]",
        "unknown word coordinater; did you mean coordinator?",
    ),
    ("people.yaml", "team: A, phone: 13800000022", "team: C, phone: 13800000022", "no team has the id C"),
    ("people.yaml", "emergency: shen", "emergency: shenn", "no person has the id shenn; did you mean shen?"),
    ("people.yaml", "  su: {", "  S u: {", "S u is no id"),
    ("people.yaml", "  gu: {", "  jiang: {", "jiang stands twice"),
    ("posts.yaml", "lead: fang", "lead: fangg", "no person has the id fangg; did you mean fang?"),
    ("posts.yaml", "lead: fang", "lead: su", "su does not have the role lead"),
    ("posts.yaml", "place: 政数局 7 楼 703 室", "lead: su", "lead stands twice"),
    ("posts.yaml", "served_by: shifu", "served_by: shifou", "no post has the id shifou"),
    ("posts.yaml", "served_by: shifu", "served_by: shiwei", "leads back to itself"),
    ("posts.yaml", "hours: 08:30-18:00", "hours: 18:00-08:30", "18:00-08:30 is not a time of day"),
    ("posts.yaml", "14:00-18:00", "14:00-25:00", "14:00-25:00 is not a time of day"),
    ("posts.yaml", "shared: true", "shared: yes", "shared: yes is neither"),
    ("chats.yaml", "post: shiwei,", "post: shiwai,", "no post has the id shiwai; did you mean shiwei?"),
    ("chats.yaml", "region: county", "region: country", "no region has the id country; did you mean county?"),
    ("chats.yaml", "members: [feng,", "members: [fengg,", "no person has the id fengg"),
    ("chats.yaml", "importance: 12", "importance: 0", "importance: 0 is no number from 1"),
    ("chats.yaml", "reach: manual, m", "reach: byhand, m", "unknown word byhand"),
    ("chats.yaml", "  xiling: {", "  dm-zhou: {", "direct chats"),
    ("hosts.yaml", "address: 10.154.0.181", "address: 10.154.0.381:22", "is neither an IP address nor a host name"),
    ("hosts.yaml", "address: 10.154.0.181", "address: 10.154.0.179", "10.154.0.179 is oa1 already"),
    ("hosts.yaml", "upstream: 10.154.0.181:6888", "upstream: 10.154.0.179:6888", "10.154.0.179:6888 is oa1 already"),
    ("hosts.yaml", "upstream: 10.154.0.181:6888", "upstream: 10.154.0.181", "no address with a port"),
    ("hosts.yaml", "port: 22", "port: 222222", "222222 is no number"),
    ("hosts.yaml", "oa10: {group: oa,", "oa10: {group: oo,", "no host group has the id oo"),
    ("hosts.yaml", "conf: /data", "conf: data", "no absolute path"),
    ("sla.yaml", "respond: 10m", "respond: ten", "respond: ten is not a duration"),
    ("sla.yaml", "after: 8m, to: [engineer]", "after: 8m, to: [engineers]", "unknown word engineers"),
    ("sla.yaml", "regions: [county]", "regions: [county, moon]", "no region has the id moon"),
    ("routes.yaml", "contact: bai", "contact: zhou", "zhou does not have the role vendor"),
    ("routes.yaml", "systems: [seal]", "systems: [sael]", "no system has the id sael; did you mean seal?"),
    ("routes.yaml", "then_after: 60m", "then_after: 1", "then_after: 1 is not a duration"),
    ("holidays.yaml", "2026-12-26", "2026-12-36", "2026-12-36 is no date"),
    ("holidays.yaml", "kind: makeup", "kind: makup", "unknown word makup; did you mean makeup?"),
    (
        "roster/2026-10.csv",
        "2026-10-02,online,online,00:00,24:00,wen",
        "2099-10-02,online,online,00:00,24:00,wenn",
        'unknown_person: F3: nobody is called "wenn"; did you mean: wen',
    ),
    ("roster/2026-10.csv", "00:00,24:00,wen", "00:00,24:60,wen", 'bad_time: E3: "24:60" is no time of day'),
    ("roster/2026-10.csv", "2026-10-02,", "2026-10-01,", "overlap: "),
    ("hosts.yaml", "10.154.0.181,", "10.154.0.181, jump: gate,", "jump: no host has the id gate"),
    ("hosts.yaml", "10.154.0.181,", "10.154.0.181, jump: oa2,", "oa2 → oa2 goes in a circle"),
    ("hosts.yaml", "codes: 200-499", "codes: 2xx", "2xx is no HTTP status"),
    ("hosts.yaml", "codes: 200-499", "codes: 400-200", "400-200 is no HTTP status"),
    ("hosts.yaml", "codes: 200-499", "codes: []", "codes is empty"),
    ("hosts.yaml", "path: /, codes", "path: login, codes", "login is no path of a page"),
]


@pytest.mark.parametrize(("name", "old", "new", "told"), ONE_FAULT)
def test_a_fault_is_told_with_its_file_and_line(
    folder: Path, edit: Edit, name: str, old: str, new: str, told: str
) -> None:
    place = edit(name, old, new)
    lines = faults(folder)
    assert [line for line in lines if told in line and line.startswith(place)], lines


def test_every_fault_is_told_in_one_report(folder: Path, edit: Edit) -> None:
    for name, old, new, _ in (ONE_FAULT[0], ONE_FAULT[9], ONE_FAULT[17], ONE_FAULT[23], ONE_FAULT[30], ONE_FAULT[33]):
        edit(name, old, new)
    lines = faults(folder)
    assert {Path(line.split(":")[0]).name for line in lines} == {
        "people.yaml", "posts.yaml", "chats.yaml", "hosts.yaml", "sla.yaml", "routes.yaml",
    }  # fmt: skip
    assert len(lines) == len(set(lines))


def test_one_mistake_is_one_line(folder: Path, edit: Edit) -> None:
    edit("chats.yaml", "post: shiwei,", "post: shiwai,")
    assert len(faults(folder)) == 1


def test_broken_yaml_is_told_alone_with_its_line(folder: Path, edit: Edit) -> None:
    place = edit("people.yaml", "  zhou: {name", "  zhou: name}")
    lines = faults(folder)
    assert len(lines) == 1
    assert lines[0].startswith(place)


SECTIONS = [
    ("people.yaml", "people"), ("people.yaml", "teams"), ("people.yaml", "contacts"), ("posts.yaml", "posts"),
    ("chats.yaml", "regions"), ("chats.yaml", "chats"), ("hosts.yaml", "ssh"), ("hosts.yaml", "groups"),
    ("hosts.yaml", "hosts"), ("sla.yaml", "policies"), ("routes.yaml", "routes"), ("routes.yaml", "systems"),
    ("routes.yaml", "vendors"), ("holidays.yaml", "days"),
]  # fmt: skip


@pytest.mark.parametrize("shape", ["3", "[a, {b: c}]", "{a: [b]}", "{[a]: b}", "{a: {name: {b: c}}}", "&x {a: *x}"])
@pytest.mark.parametrize(("name", "section"), SECTIONS)
def test_a_section_of_another_shape_is_faults_not_a_crash(folder: Path, name: str, section: str, shape: str) -> None:
    path = folder / name
    kept, skip = [], False
    for line in path.read_text("utf-8").splitlines():
        if line[:1] not in {"", " ", "#"}:
            skip = line.startswith(f"{section}:")
        if not skip:
            kept.append(line)
    path.write_text("\n".join([*kept, f"{section}: {shape}"]), "utf-8")
    assert all(line.startswith(f"{folder}/") for line in faults(folder))


def test_an_empty_or_binary_file_is_told(folder: Path) -> None:
    (folder / "sla.yaml").write_bytes(b"")
    (folder / "chats.yaml").write_bytes(b"regions: \x00\x01")
    (folder / "hosts.yaml").write_bytes(b"\xff\xfe")
    told = [Path(line.split(":")[0]).name for line in faults(folder)]
    assert told == ["chats.yaml", "hosts.yaml", "sla.yaml"]
    (folder / "chats.yaml").write_bytes((EXAMPLE / "chats.yaml").read_bytes())
    (folder / "hosts.yaml").write_bytes((EXAMPLE / "hosts.yaml").read_bytes())
    assert ["policies: is not there or has no entries" in line for line in faults(folder)] == [True]


def test_missing_files_are_all_told(folder: Path) -> None:
    (folder / "sla.yaml").unlink()
    (folder / "people.yaml").unlink()
    assert [Path(line.split(":")[0]).name for line in faults(folder)] == ["people.yaml", "sla.yaml"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert faults(tmp_path / "nowhere") == [
        f"{tmp_path}/nowhere: no such folder; set data_dir to the organisation's folder"
    ]


def test_a_time_zone_that_is_none() -> None:
    with pytest.raises(ConfigError, match="Mars/Base is no time zone; write Asia/Shanghai"):
        load_site(EXAMPLE, tz="Mars/Base", locale="en")


def test_two_people_cannot_have_one_account(folder: Path, edit: Edit) -> None:
    edit(
        "people.yaml", "phone: 13800000013, organisation: 运维B组", "phone: 13800000013, accounts: {slack: U0ZHOU0001}"
    )
    assert "belongs to zhou and wen" in faults(folder)[0]


def test_a_region_without_a_policy_is_told(folder: Path, edit: Edit) -> None:
    edit("sla.yaml", "  standard:", "  standard:\n    regions: [shifu]")
    assert any("no policy fits region zhengshu, severity 1" in line for line in faults(folder))


def test_a_vendor_that_nobody_knows_is_told(folder: Path, edit: Edit) -> None:
    edit("people.yaml", "vendor: wps", "vendor: wpss")
    assert "pan is of the vendor wpss" in faults(folder)[0]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("hosts", "    min_in_service: 5\n", '    min_in_service: ""\n'),
        ("chats", "importance: 1,", 'importance: "",'),
    ],
)
def test_an_empty_text_where_a_number_may_be_left_out_is_nothing(tmp_path: Path, file: str, old: str, new: str) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "data")
    path = tmp_path / "data" / f"{file}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert load_site(tmp_path / "data").host_groups["oa"].min_in_service == (0 if file == "hosts" else 5)
