"""The morning announcement, seen in the local chats: right text, every group, once a day, never stale."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest

from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from handlers.duty.settings import DutySettings
from tests.support.desk import Desk, make_settings, open_desk

SHIFU = """各位领导，同事：早上好！

今日 08:30-18:00 驻场值班工程师：温若川 联系电话：13800000013

今日 18:00-24:00 线上值班人员：苏明/沈砚 联系电话：13800000022/13800000001"""
ZHENGSHU = SHIFU.replace("温若川", "唐叙").replace("13800000013", "13800000023")
OFF_DAY = """各位领导，同事：早上好！

周末/节假日线上值班人员：唐叙/沈砚 联系电话：13800000023/13800000001"""
SHIFU_GROUPS = [
    "shifuban",
    "minzheng",
    "fangkong",
    "guozi",
    "gongxin",
    "tongji",
]  # by importance, the manual one left out
ZHENGSHU_GROUPS = ["zhengshuju", "weijian", "jiaoyu", "donghu", "xiling"]


def day(hours: str, date: str = "2026-10-14") -> datetime:
    return datetime.fromisoformat(f"{date}T{hours}+08:00")


async def nothing(_: Desk) -> None:
    """Leave the desk as it is."""


async def per_group(desk: Desk) -> list[list[str]]:
    return [[m.text for m in await desk.bot(chat)] for chat in SHIFU_GROUPS + ZHENGSHU_GROUPS]


async def a_day(state: Path, empty: Path, start: datetime, then: Callable[[Desk], Awaitable[object]] = nothing) -> None:
    """The service was started at ``start``, something happened, and it went away."""
    async with open_desk(state, empty, start=start) as desk:
        await desk.settle()
        await then(desk)


async def test_each_group_gets_its_own_posts_text(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path, empty_db, start=day("08:24:59")) as desk:
        await desk.settle()
        assert await per_group(desk) == [[]] * 11
        said = await desk.later(seconds=1)
        assert await per_group(desk) == [[SHIFU]] * 6 + [[ZHENGSHU]] * 5
        assert {m.shown["at"] for m in said} == {"2026-10-14T00:25:00+00:00"}
        assert [m.chat for m in said if not m.chat.startswith("dm-")] == SHIFU_GROUPS + ZHENGSHU_GROUPS
        assert await desk.chat("shiweiban") == []
        assert await desk.chat("duty-room") == []


async def test_an_off_day_has_the_weekend_line_alone(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path, empty_db, start=day("08:00:00", "2026-10-17")) as desk:
        await desk.later(hours=1)
        assert await per_group(desk) == [[OFF_DAY]] * 11


async def test_a_restart_announces_nothing_again(tmp_path: Path, empty_db: Path) -> None:
    await a_day(tmp_path, empty_db, day("08:20:00"), lambda desk: desk.later(minutes=10))
    async with open_desk(tmp_path, None, start=day("08:31:00")) as desk:
        await desk.later(hours=3)
        assert await per_group(desk) == [[SHIFU]] * 6 + [[ZHENGSHU]] * 5


async def test_what_was_decided_but_not_sent_is_sent_once_after_a_crash(tmp_path: Path, empty_db: Path) -> None:
    async def decide(desk: Desk) -> None:
        desk.clock.move_to(day("08:25:00"))
        assert await desk.app.cron.step() == 1

    await a_day(tmp_path, empty_db, day("08:20:00"), decide)
    async with open_desk(tmp_path, None, start=day("08:26:00")) as desk:
        await desk.settle()
        assert await per_group(desk) == [[SHIFU]] * 6 + [[ZHENGSHU]] * 5


async def test_a_late_start_catches_up(tmp_path: Path, empty_db: Path) -> None:
    await a_day(tmp_path, empty_db, day("08:00:00"))
    async with open_desk(tmp_path, None, start=day("09:30:00")) as desk:
        await desk.settle()
        assert await per_group(desk) == [[SHIFU]] * 6 + [[ZHENGSHU]] * 5
        assert {m.shown["at"] for m in await desk.bot("shifuban")} == {"2026-10-14T01:30:00+00:00"}


async def test_too_late_the_leads_are_told_and_nothing_stale_is_posted(tmp_path: Path, empty_db: Path) -> None:
    await a_day(tmp_path, empty_db, day("08:00:00"))
    async with open_desk(tmp_path, None, start=day("10:30:00")) as desk:
        await desk.later(hours=2)
        assert await per_group(desk) == [[]] * 11
        (hemu,), (fang,) = await desk.bot("dm-hemu"), await desk.bot("dm-fang")
        assert "市府办交流群、民政局交流群、市委办微信群" in hemu.text
        assert "政数局" not in hemu.text
        assert "政数局交流群、卫健局交流群" in fang.text
        assert "市府" not in fang.text
        assert [line.entry.outcome for line in await desk.audit() if line.entry.action == "announce"] == ["missed"]


async def test_what_is_still_unsent_when_it_is_too_late_is_withdrawn(tmp_path: Path, empty_db: Path) -> None:
    async def decide(desk: Desk) -> None:
        desk.clock.move_to(day("08:25:00"))
        assert await desk.app.cron.step() == 1

    await a_day(tmp_path, empty_db, day("08:20:00"), decide)
    async with open_desk(tmp_path, None, start=day("10:00:00")) as desk:
        await desk.later(hours=2)
        assert await per_group(desk) == [[]] * 11
        (hemu,), (fang,) = await desk.bot("dm-hemu"), await desk.bot("dm-fang")
        assert "市府办交流群、民政局交流群、防控办交流群" in hemu.text
        assert "政数局交流群、卫健局交流群" in fang.text


async def test_a_late_announcement_has_time_to_go_out(tmp_path: Path, empty_db: Path) -> None:
    await a_day(tmp_path, empty_db, day("08:00:00"))
    async with open_desk(tmp_path, None, start=day("10:00:00")) as desk:
        await desk.later(hours=2)
        assert await per_group(desk) == [[SHIFU]] * 6 + [[ZHENGSHU]] * 5


async def test_a_clock_put_back_announces_nothing_again(tmp_path: Path, empty_db: Path) -> None:
    await a_day(tmp_path, empty_db, day("08:20:00"), lambda desk: desk.later(minutes=10))
    async with open_desk(tmp_path, None, start=day("07:30:00")) as desk:
        await desk.later(hours=3)
        assert await per_group(desk) == [[SHIFU]] * 6 + [[ZHENGSHU]] * 5


async def test_a_group_no_bot_can_enter_is_handed_to_the_engineer_of_the_day(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path, empty_db, start=day("08:20:00")) as desk:
        await desk.later(minutes=10)
        text, card = await desk.bot("dm-wen")
        assert text.text == SHIFU
        assert "市委办微信群" in card.text
        assert card.actions == ["sent:2026-10-14/shiweiban"]
        (done,) = await desk.taps("wen", card, "sent")
        assert done.id == card.id
        assert done.actions == []
        assert "08:30 温若川" in done.text
        await desk.later(minutes=5)
        await desk.taps("wen", card, "sent")
        assert "08:30 温若川" in (await desk.bot("dm-wen"))[-1].text  # the first tap stands
        assert [line.entry.actor for line in await desk.audit() if line.entry.action == "announce_by_hand"] == ["wen"]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (
            "07:30:00",
            "今天的公告还没有发（08:25 发），市委办微信群 现在没有要转发的；收到文本、转发后再发 /sent shiweiban。",
        ),
        ("15:00:00", "今天没有要转发给 市委办微信群 的公告，不用记。"),
    ],
)
async def test_8_27_a_group_is_noted_once_there_is_something_to_pass_on(
    tmp_path: Path, empty_db: Path, now: str, told: str
) -> None:
    """The example of /help, typed before the announcement, and on a day on which there was none."""
    async with open_desk(tmp_path, empty_db, start=day(now)) as desk:
        (answer,) = await desk.says("wen", "/sent shiweiban", chat="duty-room")
        assert answer.text == told
        (answer,) = await desk.says("wen", "/sent nowhere", chat="duty-room")
        assert "/sent" not in answer.text  # no group would be taken now


async def test_preview_shows_the_chats_own_text_and_posts_nothing(desk: Desk) -> None:
    (answer,) = await desk.says("su", "/announce preview", chat="donghu")
    assert answer.chat == "donghu"
    assert answer.text.endswith("----\n" + ZHENGSHU)
    assert "5 个群" in answer.text
    both = await desk.says("hemu", "/公告 预览 10-17", chat="duty-room")
    assert [m.text.partition("----\n")[2] for m in both] == [OFF_DAY, OFF_DAY]
    assert await desk.bot("shifuban") == []


@pytest.mark.parametrize("line", ["/announce", "/announce send", "/announce preview 明天 后天"])
async def test_announce_knows_the_preview_alone(desk: Desk, line: str) -> None:
    (answer,) = await desk.says("su", line, chat="duty-room")
    assert "/announce preview" in answer.text
    assert (await desk.audit())[-1].entry.code == "announce_words"


async def test_preview_is_for_engineers_and_leads(desk: Desk) -> None:
    await desk.says("lixiao", "/announce preview", chat="shifuban")
    assert (await desk.audit())[-1].entry.code == "not_authorised"


def test_a_catch_up_that_ends_before_the_announcement_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    config = tmp_path / "zhiban.toml"
    config.write_text('locale = "en"\n[duty]\nannounce_at = "08:25"\ncatch_up_until = "08:25"\n')
    with pytest.raises(ConfigError, match="catch_up_until must be later than announce_at"):
        load_settings(config, {}, platforms=PLATFORMS, sections=SECTIONS)


async def test_the_hour_is_a_setting(tmp_path: Path, empty_db: Path) -> None:
    settings = make_settings(tmp_path, capabilities={"duty": DutySettings(announce_at="07:10", catch_up_until="07:30")})
    async with open_desk(tmp_path, empty_db, start=day("07:00:00"), settings=settings) as desk:
        await desk.later(minutes=9)
        assert await per_group(desk) == [[]] * 11
        await desk.later(minutes=1)
        assert await per_group(desk) == [[SHIFU]] * 6 + [[ZHENGSHU]] * 5
