"""What the bot says of itself is what it did: who was told, whose words were seen, what one tap answers (decisions: Truth)."""

import dataclasses
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.content import Op
from bot.core.errors import Rejected, Temporary
from bot.core.people import Chat
from bot.core.ports import Outgoing
from data.load.site import load_site
from tests.support.desk import Desk, Said, open_desk
from tests.support.kit import Obedient
from tests.support.paths import EXAMPLE

ONE, TWO = "GD-20261014-001", "GD-20261014-002"
PEOPLE = {"温若川": "dm-wen", "何牧": "dm-hemu", "沈砚": "dm-shen", "周予安": "dm-zhou", "乔望": "dm-qiao"}
CLAIMS = re.compile(r"(?:已提醒|已通知|已上报)([^。，]+)")


class Platform(Obedient):
    """Takes everything but what goes to ``deaf``, which it puts off, and to ``gone``, which it refuses for good."""

    deaf: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    async def send(self, out: Outgoing) -> str:
        if out.chat in self.deaf:
            raise Temporary("status 503")
        if out.chat in self.gone:
            raise Rejected("no such user")
        return await super().send(out)


@pytest.fixture
async def platform(tmp_path: Path, empty_db: Path) -> AsyncIterator[tuple[Desk, Platform]]:
    platform = Platform(name="local")
    async with open_desk(tmp_path / "state", empty_db) as desk:
        desk.app.sender._adapters = {"local": platform}  # the one seam of a sender under test
        yield desk, platform


def new(said: list[Said], chat: str) -> list[str]:
    return [m.text for m in said if m.chat == chat and not m.shown["updated"]]


def untrue(got: list[Outgoing]) -> list[str]:
    """What was said to groups and people of somebody who had got nothing about that ticket before."""
    reached: set[tuple[str, str]] = set()
    found = []
    for out in got:
        number = re.search(r"GD-[0-9]+-[0-9]+", out.post.text)
        for claim in CLAIMS.finditer(out.post.text):
            names = [name for name in PEOPLE if name in claim[1]]
            found += [
                f"{out.chat}: {claim[0]}"
                for name in names
                if (PEOPLE[name], number[0] if number else "") not in reached
            ]
        if out.op is Op.POST:
            reached |= {(out.chat, ticket) for ticket in re.findall(r"GD-[0-9]+-[0-9]+", out.post.text)}
    return found


async def test_8_6_who_got_nothing_yet_is_said_to_be_told_not_to_have_been(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    chats.deaf = frozenset({"dm-hemu"})
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=10)
    assert not any("已上报" in text for text in chats.texts("shifuban"))
    await desk.later(seconds=11)
    (breach,) = [text for text in chats.texts("shifuban") if "未响应，" in text and "正在通知" in text]
    assert "正在通知 何牧 13800000011（消息还没有发出，急的话请打电话）" in breach
    chats.deaf = frozenset()
    await desk.later(minutes=5)
    assert untrue(chats.got) == []


async def test_8_6_whom_no_message_can_reach_is_named_with_the_number_to_call(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    chats.gone = frozenset({"dm-hemu"})
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=10, seconds=5)
    assert any("没能发给 何牧 13800000011（请打电话）" in text for text in chats.texts("shifuban"))
    await desk.later(minutes=5)
    (told,) = chats.texts("dm-shen")
    assert "已提醒 温若川 3 次，未回复。\n没能发给 何牧。" in told


async def test_8_6_over_groups_and_an_hour_every_claim_is_on_the_platforms_record(
    platform: tuple[Desk, Platform],
) -> None:
    desk, chats = platform
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=3)
    await desk.says("sun", "OA登录不上", chat="minzheng")
    await desk.later(minutes=4)
    await desk.says("wu", "OA里的待办不见了", chat="guozi")
    chats.deaf = frozenset({"dm-shen"})
    await desk.later(minutes=9)
    chats.deaf = frozenset({"dm-wen"})
    await desk.later(minutes=20)
    chats.deaf = frozenset()
    await desk.later(minutes=30)
    said = [text for out in chats.got for text in CLAIMS.findall(out.post.text)]
    assert len(said) > 20
    assert untrue(chats.got) == []


async def test_8_6_one_tap_answers_the_one_ticket_and_no_other(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.says("sun", "OA登录不上", chat="minzheng")
    (second,) = new(said, "dm-wen")
    assert f"{TWO} · 民政局交流群" in second
    assert "孙禾：“OA登录不上”" in second
    first = next(m for m in await desk.bot("dm-wen") if m.text.startswith(ONE))
    await desk.taps("wen", first, f"claim:{ONE}")
    shown = (await desk.says("hemu", "/status", chat="duty-room"))[0].text
    assert f"{ONE} · 市府办交流群 · 协同办公 · 李晓 · 温若川 处理中" in shown
    assert f"{TWO} · 民政局交流群 · 协同办公 · 孙禾 · 还剩 10 分" in shown


async def test_8_6_answer_all_lists_what_it_answers_and_answers_exactly_that(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("sun", "OA登录不上", chat="minzheng")
    page = next(m for m in await desk.bot("dm-wen") if m.text.startswith(ONE))
    assert f"{TWO} · 民政局交流群 · 孙禾：“OA登录不上”" in page.text
    everything = next(action for action in page.actions if "," in action)
    assert everything == f"claim:{ONE},002"
    await desk.says("wu", "OA打不开", chat="guozi")
    await desk.says("wen", f"/claim {ONE},002", chat="dm-wen")
    shown = (await desk.says("hemu", "/status", chat="duty-room"))[0].text
    assert shown.count("温若川 处理中") == 2
    assert "GD-20261014-003 · 国资委交流群 · 协同办公 · 吴越 · 还剩 10 分" in shown


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("OA打不开了", "OA里的待办不见了"),
        ("打不开了", "打不开了"),
        ("OA很慢", "OA登录不上"),
        ("打不开了", "OA打不开了"),
        ("页面打不开", "页面打不开"),
        ("文件打不开了", "系统里的文件打不开了"),
        ("登录不上", "登录不上去"),
        ("公文打不开", "会议室打不开"),
        ("我们网线断了", "网线断了"),
        ("财务系统打不开", "人事系统打不开"),
    ],
)
async def test_8_6_unlike_or_guessed_reports_of_two_groups_are_two_troubles(
    desk: Desk, first: str, second: str
) -> None:
    await desk.says("lixiao", first, chat="shifuban")
    await desk.says("sun", second, chat="minzheng")
    pages = [m for m in await desk.bot("dm-wen") if "孙禾：" in m.text or "李晓：" in m.text]
    assert len(pages) == 2
    assert not any("," in action for page in pages for action in page.actions)


async def test_8_6_a_joined_report_is_sent_to_the_engineer_in_its_own_words(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.says("zhao", "OA一打开就提示系统繁忙，急着发文", chat="shifuban")
    (told,) = new(said, "dm-wen")
    assert f"{ONE}（市府办交流群 · 协同办公）又有人反映：" in told
    assert "赵一帆：“OA一打开就提示系统繁忙，急着发文”" in told


async def test_8_6_urgent_words_page_anew_and_are_what_everybody_reads_from_then_on(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=2)
    urgent = "整个办公室的OA都登录不上了，全部用户打不开"
    said = await desk.says("zhao", urgent, chat="shifuban")
    for chat in ("dm-wen", "dm-hemu", "dm-shen"):
        (page,) = new(said, chat)
        assert f"赵一帆：“{urgent}”" in page
        assert "最早由 李晓 反映：“OA打不开了”" in page
    later = await desk.later(minutes=8)
    (breach,) = [text for text in new(later, "dm-hemu") if text.startswith("超时未响应")]
    assert urgent in breach


async def test_8_6_a_reporter_who_finds_it_wider_is_not_counted_twice(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.says("lixiao", "整个局的OA都打不开了", chat="shifuban")
    assert new(said, "dm-hemu")
    assert not any("另有" in m.text for m in await desk.bot("shifuban"))


async def test_8_6_an_urgent_report_of_another_group_pages_by_itself(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.says("sun", "我们全局OA都打不开了", chat="minzheng")
    for chat in ("dm-wen", "dm-hemu", "dm-shen"):
        assert any("孙禾：“我们全局OA都打不开了”" in text for text in new(said, chat))


async def test_8_16_an_escalation_carries_the_phone_and_two_taps_hand_the_ticket_over(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.later(minutes=10)
    rung = next(m for m in said if m.chat == "dm-hemu")
    assert "电话：温若川 13800000013" in rung.text
    (ways,) = await desk.taps("hemu", rung, "route")
    assert "周予安 13800000012 · 空闲" in ways.text
    said = await desk.taps("hemu", ways, f"assign:{ONE}:zhou")
    assert any("李晓：“OA打不开了”" in text for text in new(said, "dm-zhou"))
    assert any("何牧 已转给 @周予安 13800000012" in text for text in new(said, "shifuban"))
    assert any("还剩" in m.text or "超时" in m.text for m in await desk.later(minutes=5)), "a hand-over answers nobody"
    await desk.says("zhou", "收到，马上看", chat="shifuban")
    shown = (await desk.says("hemu", "/status", chat="duty-room"))[0].text
    assert "周予安 处理中" in shown


async def test_8_16_a_ticket_is_handed_over_by_name_and_a_wrong_name_is_explained(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    (refused,) = await desk.says("hemu", "/assign 1 张三", chat="duty-room")
    assert "没有“张三”这位工程师" in refused.text
    said = await desk.says("hemu", "/指派 1 乔望", chat="duty-room")
    assert new(said, "dm-qiao")
    assert any("由 乔望 处理" in text for text in new(said, "dm-wen")), "who had it hears of it"
    assert "没有权限" in (await desk.says("lixiao", "/assign 1 乔望", chat="shifuban"))[0].text


async def test_8_7_mine_shows_what_waits_for_him_by_the_time_left_with_words_and_buttons(desk: Desk) -> None:
    await desk.says("lixiao", "怎么修改密码", chat="shifuban")
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=3)
    await desk.says("sun", "VPN连不上", chat="minzheng")
    await desk.says("wu", "WPS打不开", chat="guozi")
    await desk.says("wen", "收到", chat="guozi")
    (mine,) = await desk.says("wen", "/mine", chat="dm-wen")
    order = re.findall(r"GD-20261014-00([0-9]) · ", mine.text)
    assert order == ["2", "3", "1", "4"], "by the time left, then what has no clock, then what is being done"
    assert "“VPN连不上”" in mine.text
    assert mine.actions[:3] == ["claim:GD-20261014-002", "route:GD-20261014-002", "claim:GD-20261014-003"]
    assert "resolve:GD-20261014-004" in mine.actions
    (status,) = await desk.says("hemu", "/status", chat="duty-room")
    assert re.findall(r"GD-20261014-00([0-9]) · ", status.text) == order
    assert "“OA打不开了”" in status.text
    (his,) = await desk.says("lixiao", "/mine", chat="dm-lixiao")
    assert "温若川" not in his.text or "13800000013" in his.text
    assert "resolved:GD-20261014-002" in his.actions


async def test_8_6_of_forty_groups_every_report_is_read_and_no_button_answers_what_it_does_not_list(
    tmp_path: Path, empty_db: Path
) -> None:
    site = load_site(EXAMPLE, tmp_path, "Asia/Shanghai")
    groups = {
        f"g{n}": Chat(f"g{n}", f"第{n}群", post="shifu", region="shifu", members=("lixiao", "zhao")) for n in range(40)
    }
    site = dataclasses.replace(site, chats={**site.chats, **groups})
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        for n, group in enumerate(groups):
            await desk.says(("lixiao", "zhao")[n % 2], f"盖章盖不了，第{n}处", chat=group)
        await desk.later(minutes=3)
        pages = [m for m in await desk.bot("dm-wen") if m.shown["user"] == "bot"]
        assert len(pages) <= 8
        read = {number for m in pages for number in re.findall(r"(GD-[0-9-]+) · 第[0-9]+群", m.text)}
        assert len(read) == 40
        for message in pages:
            for action in (action for action in message.actions if "," in action):
                last = [number.rpartition("-")[2] for number in action.removeprefix("claim:").split(",")]
                assert all(f"GD-20261014-{number} · " in message.text for number in last)


async def test_8_6_the_words_of_who_joined_stay_readable_when_the_ticket_is_answered(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("zhao", "OA一打开就提示系统繁忙", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    (added,) = [m for m in await desk.bot("dm-wen") if "又有人反映" in m.text]
    assert "赵一帆：“OA一打开就提示系统繁忙”" in added.text
    assert added.actions == []


async def test_8_6_of_a_list_with_a_wrong_number_nothing_is_answered(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    (refused,) = await desk.says("wen", "/claim 1 77", chat="duty-room")
    assert "GD-20261014-077" in refused.text
    await desk.says("sun", "VPN连不上", chat="minzheng")
    (done,) = [m for m in await desk.says("wen", "/claim 1 2", chat="duty-room") if m.chat == "duty-room"]
    assert done.text == "已响应 2 个：GD-20261014-001、GD-20261014-002。"
    (again,) = await desk.says("wen", "/claim 1 2", chat="duty-room")
    assert "都有人响应了" in again.text
