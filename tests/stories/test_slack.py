"""What only Slack has, through the whole service: threads, commands, late and reordered deliveries (bad inputs S33 to S35)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.storage.audit_log import lines
from tests.support.once import example_site
from tests.support.platforms.house import House, open_house
from tests.support.platforms.slack import FakeSlack

STAMP = "电子印章盖不了章，点了没反应"


class Slack(FakeSlack):
    """One that can deliver late."""

    async def late(self, person: str, chat: str, text: str, ago: timedelta) -> int:
        """What was said ``ago`` arrives now."""
        ts = f"{(self.wall() - ago).timestamp():.6f}"
        return await self.event(self.message(person, chat, text, ts=ts))


@pytest.fixture
async def house(tmp_path: Path, empty_db: Path) -> AsyncIterator[House]:
    async with open_house("slack", Slack(), tmp_path / "state", empty_db, example_site()) as opened:
        yield opened


@pytest.fixture
def slack(house: House) -> Slack:
    assert isinstance(house.fake, Slack)
    return house.fake


async def test_a_fault_that_arrives_two_hours_late_is_escalated_at_once_and_says_why(
    house: House, slack: Slack
) -> None:
    """Bad input S33, fault F43."""
    await house.later(hours=3)
    assert await slack.late("lixiao", "shifuban", STAMP, timedelta(hours=2)) == 200
    await house.calm()
    house.last("shifuban", "GD-20261014-001", "消息延迟 2 小时送达")
    house.last("dm-hemu", "超时未响应", "GD-20261014-001")


async def test_a_command_that_arrives_ten_minutes_late_is_not_executed(house: House, slack: Slack) -> None:
    """Bad input S34."""
    assert await slack.late("wen", "duty-room", "@bot restart oa3", timedelta(minutes=10)) == 200
    await house.calm()
    house.last("duty-room", "没有执行", "/restart oa3")
    audit = await house.app.store.read(lambda session: [line.entry.code for line in lines(session)])
    assert audit.count("stale_command") == 1


async def test_an_answer_that_overtook_its_report_is_applied_when_that_comes(house: House, slack: Slack) -> None:
    """Bad input S35, fault F42."""
    assert await slack.late("wen", "shifuban", "收到，马上看", timedelta(seconds=10)) == 200
    await house.calm()
    await house.later(seconds=20)
    assert await slack.late("lixiao", "shifuban", STAMP, timedelta(seconds=60)) == 200
    await house.calm()
    house.last("shifuban", "GD-20261014-001", "已响应")
    await house.later(minutes=20)
    assert not any("超时" in text for text in house.texts("dm-hemu"))


async def test_the_card_stands_under_the_report_and_an_answer_there_is_about_it(house: House, slack: Slack) -> None:
    """Two tickets are open; the thread alone says which one is meant."""
    await house.says("lixiao", "shifuban", STAMP)
    await house.says("zhao", "shifuban", "公文打不开，提示系统错误")
    stamp = house.last("shifuban", "GD-20261014-001")
    assert stamp.thread is not None
    await house.says("wen", "shifuban", "收到，马上看", quote=stamp)
    answered = [text for text in house.texts("shifuban") if "已响应" in text]
    assert answered
    assert not any("GD-20261014-002" in text for text in answered)


async def test_a_slash_command_is_answered_in_the_channel(house: House, slack: Slack) -> None:
    await house.says("zhou", "shifuban", "/zhiban ping 在吗")
    assert house.last("shifuban", "在吗").thread is None


async def test_what_nobody_declared_is_not_answered_and_breaks_nothing(house: House, slack: Slack) -> None:
    """A channel that chats.yaml does not have, and a stranger's direct chat."""
    event = slack.message("lixiao", "shifuban", STAMP, ts=slack.ts())
    assert await slack.event({**event, "channel": "C0NOWHERE"}) == 200
    own = slack.message("lixiao", "dm-lixiao", "谁值班", ts=slack.ts())
    assert await slack.event({**own, "user": "U0NOBODY", "channel": "D0NOBODY"}) == 200
    await house.calm()
    assert house.reads("shifuban") == []


async def test_the_operators_are_told_when_the_bot_was_removed(house: House, slack: Slack) -> None:
    """Fault F50."""
    slack.channels[slack.place("shifuban")].member = False
    await house.says("lixiao", "shifuban", STAMP)
    told = house.last("dm-qin", "市府办交流群", "not_in_channel")
    assert "已放弃" in told.text
    assert slack.seen("shifuban") == []


async def test_a_limit_delays_only_its_own_channel(house: House, slack: Slack) -> None:
    """Fault F47: 429 with Retry-After 30."""
    slack.fail("429", "chat.postMessage", retry_after=30)
    assert await slack.says("lixiao", "shifuban", STAMP) == 200
    await house.settle()
    await house.later(seconds=5)
    waiting = [chat for chat in ("shifuban", "dm-wen") if not slack.seen(chat)]
    assert len(waiting) == 1, "exactly one target met the limit"
    await house.later(seconds=24)
    assert [chat for chat in ("shifuban", "dm-wen") if not slack.seen(chat)] == waiting
    await house.later(seconds=3)
    assert slack.seen("shifuban")
    assert slack.seen("dm-wen")


@pytest.mark.waits
async def test_taken_and_never_answered_stands_once(house: House, slack: Slack) -> None:
    """Fault F49: the sender gives up after its ten seconds and looks before it posts again."""
    slack.fail("hang", "chat.postMessage")
    assert await slack.says("lixiao", "shifuban", STAMP) == 200
    await house.settle()
    await house.later(minutes=2)
    for chat in ("shifuban", "dm-wen"):
        texts = [text for text in house.texts(chat) if "GD-20261014-001" in text]
        assert len(texts) == 1, texts
        assert "补发" not in texts[0]


async def test_8_13_a_command_made_by_an_edit_does_nothing_and_says_so(tmp_path: Path, empty_db: Path) -> None:
    """Bad input S29: edits never create commands; a report that an edit addresses to the bot is one."""
    async with open_house("slack", Slack("mentions"), tmp_path / "state", empty_db, example_site()) as house:
        fake = house.fake
        assert isinstance(fake, Slack)
        edited = {"user": "U0WEN", "ts": f"{fake.wall().timestamp():.6f}"}
        old = f"{(fake.wall() - timedelta(hours=2)).timestamp():.6f}"
        await fake.event(fake.message("wen", "duty-room", "/restart oa3", ts=old) | {"edited": edited})
        await house.calm()
        house.last("duty-room", "改出来的消息不当命令执行", "/restart oa3")
        await fake.event(fake.message("lixiao", "shifuban", STAMP, ts=old) | {"edited": edited})
        await house.calm()
        assert "延迟" not in house.last("shifuban", "已收到", "GD-20261014-001").text


async def test_8_13_a_forwarded_report_opens_a_ticket_with_its_words(house: House, slack: Slack) -> None:
    shared = {
        "is_share": True,
        "is_msg_unfurl": True,
        "author_name": "某处室",
        "text": STAMP,
        "channel_id": "C0OTHER01",
    }
    event = slack.message("lixiao", "shifuban", "群里有人转来的，请看看", ts=slack.ts())
    assert await slack.event(event | {"attachments": [shared]}) == 200
    await house.calm()
    house.last("dm-wen", "GD-20261014-001", f"转自 某处室：{STAMP}")
