"""``/nodes`` tells what nginx really loads; where that is not what ``hosts.yaml`` says, it tells that.

The oracle is nginx's own configuration on the host.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runbooks.runs.run import State
from tests.support.desk import Desk
from tests.support.estate import Estate
from tests.support.nginx import NGINX
from tests.unit.handlers.runs.rooms import ROOM, run, say, served

pytestmark = pytest.mark.servers


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    async with served(estate, tmp_path / "state", empty_db) as opened:
        yield opened


def other_file(estate: Estate) -> Path:
    """The binary of ``hosts.yaml`` without its ``-c``: nginx loads a file of its own, without the group's upstream."""
    other = estate.nginx.prefix / "conf" / "other.conf"
    other.write_text(f"events {{}}\nerror_log {estate.nginx.prefix}/logs/error.log;\n")
    estate.nginx.binary.write_text(f'#!/bin/sh\nexec {NGINX} -p {estate.nginx.prefix} -c {other} "$@"\n')
    return other


@pytest.mark.parametrize("chat", [ROOM, "shifuban"])
async def test_8_9_nodes_of_another_configuration_is_told_as_the_drain_tells_it(
    desk: Desk, estate: Estate, chat: str
) -> None:
    other = other_file(estate)
    said = await desk.says("zhou", "/drain oa4", chat=ROOM)
    wanted = said[-1].text
    assert f"加载的是 {other}，其中没有 hosts.yaml 写的 {estate.nginx.conf}" in wanted
    told = await desk.says("zhou", "/nodes", chat=chat)
    assert [m.text for m in told if m.chat == (ROOM if chat == ROOM else "dm-zhou")] == [wanted]
    assert ((await run(desk, 2)).state, (await run(desk, 2)).code) == (State.FAILED, "nginx_other_file")
    await desk.later(minutes=5)
    assert not [m.text for place in (ROOM, "dm-zhou", chat) for m in await desk.bot(place) if "状态不明" in m.text]
    assert not [m.text for place in (ROOM, "dm-zhou", chat) for m in await desk.bot(place) if "完成" in m.text]


async def test_8_9_nodes_without_the_upstream_fail_with_that_word(desk: Desk, estate: Estate) -> None:
    conf = estate.nginx.conf
    conf.write_text(conf.read_text().replace("ecologycluster", "somebody_else"))
    (told,) = await desk.says("zhou", "/nodes", chat=ROOM)
    assert told.text == "配置文件里没有找到 upstream ecologycluster，请人工检查。"
    assert (await run(desk)).state is State.FAILED


async def test_8_16_an_entry_without_a_host_is_told_as_that(desk: Desk, estate: Estate) -> None:
    """nginx has it, ``hosts.yaml`` has not: /nodes says so, and whoever means it reads where it is to be added."""
    conf, stranger = estate.nginx.conf, "10.154.54.78"
    entry = f"server {estate.address('oa4')};"
    conf.write_text(conf.read_text().replace(entry, f"{entry}\n        #server {stranger}:6888;"))
    nodes = await say(desk, "zhou", "/nodes")
    assert f"○ {stranger}:6888（hosts.yaml 里没有） 已摘除" in nodes.text.splitlines()
    assert nodes.text.count("hosts.yaml") == 1
    for line in (f"/undrain {stranger}", f"/drain {stranger}"):
        told = await say(desk, "zhou", line)
        assert told.text.startswith(f"hosts.yaml 里没有地址是 {line.split()[1]} 的节点")
        assert "如果 /nodes 里列着它" in told.text
        assert "没有叫" not in told.text
    assert "没有叫 oa44 的主机或节点" in (await say(desk, "zhou", "/drain oa44")).text


async def test_8_18_a_backup_is_neither_down_nor_taken_out(desk: Desk, estate: Estate) -> None:
    conf, node = estate.nginx.conf, estate.address("oa4")
    conf.write_text(conf.read_text().replace(f"server {node};", f"server {node} backup;"))
    nodes = await say(desk, "zhou", "/nodes")
    assert "转发 3，备用 1，已摘除 0" in nodes.text
    (line,) = [line for line in nodes.text.splitlines() if node in line]
    assert line.endswith(f"{node} oa4 备用（backup）")


async def test_8_18_a_commented_backup_is_out_and_a_marked_one_is_down(desk: Desk, estate: Estate) -> None:
    conf = estate.nginx.conf
    text = conf.read_text().replace(f"server {estate.address('oa4')};", f"#server {estate.address('oa4')} backup;")
    conf.write_text(text.replace(f"server {estate.address('oa3')};", f"server {estate.address('oa3')} backup down;"))
    nodes = await say(desk, "zhou", "/nodes")
    assert "转发 2，已摘除 2" in nodes.text
    assert "oa4 已摘除" in nodes.text
    assert "oa3 标为 down" in nodes.text
