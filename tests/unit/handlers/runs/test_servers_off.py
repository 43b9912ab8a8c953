"""An inventory or a runbook of the site that cannot be read: the duty desk serves on, and nothing runs (fault F83).

The service is a process of its own; the platform and the hosts' own record are asked.
"""

from pathlib import Path

import pytest
import yaml

from tests.support.estate import ADDRESSES, Estate
from tests.support.process import Platform, recorder, service
from tests.support.until import eventually

ROOM = "duty-room"


@pytest.mark.servers
@pytest.mark.parametrize(
    ("file", "wrong", "told"),
    [
        ("hosts.yaml", "hosts: [", "hosts.yaml:"),
        ("hosts.yaml", "hosts:\n  oa1: {group: nowhere, address: 10.0.0.1}\n", "nowhere"),
        ("runbooks/ours.yaml", "verb: ours\nsteps: nothing\n", "runbooks/ours.yaml"),
    ],
)
async def test_the_desk_serves_on_and_no_runbook_runs(
    tmp_path: Path, estate: Estate, file: str, wrong: str, told: str
) -> None:
    with recorder() as platform, service(tmp_path, platform, client_keys=True) as zhiban:
        estate.write_hosts(tmp_path / "data")
        path = tmp_path / "data" / file
        right = path.read_text("utf-8") if path.exists() else ""
        path.parent.mkdir(exist_ok=True)
        path.write_text(wrong, "utf-8")
        ssh = {"ZHIBAN_SSH__KEY_FILE": str(estate.key_file), "ZHIBAN_SSH__KNOWN_HOSTS": str(estate.known_hosts)}
        zhiban.start(ssh)
        await zhiban.ready()
        await platform.aim(zhiban.url)
        alarm = await heard(platform, "dm-qin", "服务器操作")
        assert told in alarm
        assert "已全部停用" in alarm
        await platform.say("report", "wu", "guozi", text="OA 打不开了")
        await heard(platform, "guozi", "GD-")
        await platform.say("restart", "zhou", ROOM, text="/restart oa3")
        assert "/restart oa3 没有执行" in await heard(platform, ROOM, "服务器操作暂时停用")
        await platform.say("reading", "zhou", ROOM, text="/disk oa1")
        await heard(platform, ROOM, "/disk oa1 没有执行")
        assert [estate.apps.calls(address) for name, address in ADDRESSES.items() if name != "lb1"] == [[]] * 4
        assert "Accepted publickey" not in "".join(
            (tmp_path / "estate" / name / "sshd.log").read_text() for name in ADDRESSES
        )
        if file == "hosts.yaml":
            path.write_text(right, "utf-8")
            await mended(platform)


async def mended(platform: Platform) -> None:
    """A mended inventory counts within seconds, without a start."""
    tries = 0

    async def reads() -> bool:
        nonlocal tries
        tries += 1
        await platform.say(f"again-{tries}", "zhou", ROOM, text="/disk oa1")
        return any(post["chat"] == ROOM and "GiB" in post["text"] for post in await platform.posts())

    await eventually(reads)


@pytest.mark.servers
async def test_8_2_who_is_taken_out_confirms_nothing_and_the_desk_comes_up_again(
    tmp_path: Path, estate: Estate
) -> None:
    """A chat still names him, which is a fault: he has no right all the same, nobody has one over servers, reports are heard."""
    with recorder() as platform, service(tmp_path, platform, client_keys=True) as zhiban:
        estate.write_hosts(tmp_path / "data")
        ssh = {"ZHIBAN_SSH__KEY_FILE": str(estate.key_file), "ZHIBAN_SSH__KNOWN_HOSTS": str(estate.known_hosts)}
        zhiban.start(ssh)
        await zhiban.ready()
        await platform.aim(zhiban.url)
        await platform.say("restart", "zhou", ROOM, text="/restart oa3")
        await asked(platform)
        people = tmp_path / "data" / "people.yaml"
        right = people.read_text("utf-8")
        everybody = yaml.safe_load(right)
        del everybody["people"]["wen"]
        people.write_text(yaml.safe_dump(everybody, allow_unicode=True, sort_keys=False), "utf-8")
        assert "wen" in await heard(platform, "dm-qin", "服务器操作")
        await platform.say("yes", "wen", ROOM, text="/confirm R1")
        await zhiban.quiet()
        await platform.say("report", "wu", "guozi", text="OA 打不开了")
        await heard(platform, "guozi", "GD-")
        assert await zhiban.stop() == 0
        zhiban.start(ssh)
        await zhiban.ready()
        await platform.say("after", "sun", "minzheng", text="OA 打不开了")
        await heard(platform, "minzheng", "GD-")
        await platform.say("more", "hemu", ROOM, text="/confirm R1")
        await heard(platform, ROOM, "服务器操作暂时停用")
        people.write_text(right, "utf-8")
        await heard(platform, "dm-qin", "恢复正常")
        assert [estate.apps.calls(address) for name, address in ADDRESSES.items() if name != "lb1"] == [[]] * 4


async def test_an_inventory_without_a_host_lets_nothing_run(tmp_path: Path) -> None:
    """An empty list of what may run is not an open one."""
    with recorder() as platform, service(tmp_path, platform, client_keys=True) as zhiban:
        (tmp_path / "data" / "hosts.yaml").write_text("groups: {}\nhosts: {}\n", "utf-8")
        zhiban.start()
        await zhiban.ready()
        await platform.aim(zhiban.url)
        await platform.say("restart", "zhou", ROOM, text="/restart oa3")
        assert "oa3" in await heard(platform, ROOM, "oa3")
        await zhiban.quiet()
        assert not [post for post in await platform.posts() if post.get("buttons")]


OURS = """verb: ours
alias: 自
title: {zh: 自, en: Our own}
source: test
roles: [engineer]
group: gate
arguments:
  - {name: host, type: host}
steps:
  - {title: {zh: 停, en: stop}, run: [halt]}
"""


async def test_a_runbook_that_does_not_fit_the_inventory_is_not_run(tmp_path: Path) -> None:
    """Told at the start; the others run meanwhile. The inventory mended, it counts again without a start."""
    with recorder() as platform, service(tmp_path, platform, client_keys=True) as zhiban:
        (tmp_path / "data" / "runbooks").mkdir(exist_ok=True)
        (tmp_path / "data" / "runbooks" / "ours.yaml").write_text(OURS, "utf-8")
        zhiban.start()
        await zhiban.ready()
        await platform.aim(zhiban.url)
        assert "ours.yaml:6: group：没有编号为 gate 的服务器组" in await heard(platform, "dm-qin", "自定义操作")
        await platform.say("report", "wu", "guozi", text="OA 打不开了")
        await heard(platform, "guozi", "GD-")
        await platform.say("ours", "zhou", ROOM, text="/ours gate1")
        assert "/ours gate1 没有执行" in await heard(platform, ROOM, "和 hosts.yaml 有 1 处对不上")
        await platform.say("restart", "zhou", ROOM, text="/restart oa33")
        await heard(platform, ROOM, "/restart oa3？")
        hosts = tmp_path / "data" / "hosts.yaml"
        text = hosts.read_text("utf-8").replace("\ngroups:\n", "\ngroups:\n  gate: {name: 跳板}\n")
        hosts.write_text(f"{text}  gate1: {{group: gate, address: 10.154.0.9}}\n", "utf-8")
        tries = 0

        async def mended_too() -> bool:
            nonlocal tries
            tries += 1
            await platform.say(f"again-{tries}", "zhou", ROOM, text="/ours gate1")
            return any(post["text"].startswith("R1 ") for post in await platform.posts() if post["chat"] == ROOM)

        await eventually(mended_too)


async def asked(platform: Platform) -> None:
    """Wait for the question, which has buttons."""

    async def look() -> bool:
        return any(post.get("buttons") for post in await platform.posts() if post["chat"] == ROOM)

    await eventually(look)


async def heard(platform: Platform, chat: str, words: str) -> str:
    """Wait until a chat got a message with these words; its text."""
    found: list[str] = []

    async def look() -> bool:
        found[:] = [p["text"] for p in await platform.posts() if p["chat"] == chat and words in p["text"]]
        return bool(found)

    await eventually(look)
    return found[0]
