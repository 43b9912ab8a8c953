"""What goes out by custom robots and by the enterprise robot; the platform's record is the oracle."""

import asyncio
from datetime import timedelta
from typing import cast

import pytest

from bot.adapters.dingtalk.adapter import DingtalkAdapter
from bot.adapters.dingtalk.format import json_bytes
from bot.core.content import Mention
from bot.core.errors import Rejected, Temporary
from bot.core.people import Chat, Person
from bot.core.ports import Hears
from tests.support.platforms.dingtalk import FakeDingtalk, conversation, staff
from tests.support.platforms.lone import Lone

ZHOU = Mention("zhou", "周予安")


async def test_a_group_with_its_own_robot_is_written_to_by_it(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    message = await lone.send("shifuban", "GD-1 请 @周予安 处理，@所有人 系统坏了", mentions=(ZHOU,))
    (seen,) = ding.seen("shifuban")
    assert seen.text == f"GD-1 请 @{staff('zhou')} 处理，@所有人 系统坏了"
    assert seen.mentions == [staff("zhou")]  # and not everybody, whatever somebody typed
    assert message == f"robot:{lone.keys[0]}"
    assert ding.requests["group"] == 0


async def test_one_without_an_account_is_mentioned_by_phone(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    lone.site.__dict__.pop("_accounts", None)
    cast(dict[str, Person], lone.site.people)["zhou"] = Person("zhou", "周予安", phone="13800000012")
    await lone.send("shifuban", "@周予安 请看", mentions=(ZHOU,))
    assert ding.seen("shifuban")[0].mentions == ["13800000012"]
    assert ding.seen("shifuban")[0].text == "@13800000012 请看"


async def test_a_name_that_begins_like_another(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    mentions = (Mention("zhou", "李晓"), Mention("wen", "李晓明"))
    await lone.send("shifuban", "@李晓明 和 @李晓", mentions=mentions)
    assert ding.seen("shifuban")[0].text == f"@{staff('wen')} 和 @{staff('zhou')}"


async def test_other_groups_and_persons_get_it_from_the_enterprise_robot(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter]
) -> None:
    in_group = await lone.send("minzheng", "收到，GD-1 ＜b＞ **x**")
    to_zhou = await lone.send("dm-zhou", "请处理 GD-1")
    assert [(m.id, m.text) for m in ding.seen("minzheng")] == [(in_group, "收到，GD-1 ＜b＞ **x**")]
    assert [(m.id, m.text) for m in ding.seen("dm-zhou")] == [(to_zhou, "请处理 GD-1")]
    assert ding.tokens_given == 1


async def test_a_repeat_that_may_be_one_is_marked(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    await lone.send("shifuban", "一", repeated=True)
    await lone.send("minzheng", "二", repeated=True)
    assert ding.seen("shifuban")[0].text == "(补发) 一"
    assert ding.seen("minzheng")[0].text == "(补发) 二"


@pytest.mark.parametrize("chat", ["shifuban", "minzheng", "dm-zhou"])
@pytest.mark.parametrize("sign", ["字", '"', "\n", "x", "😀"])
async def test_the_longest_text_is_taken(ding: FakeDingtalk, lone: Lone[DingtalkAdapter], chat: str, sign: str) -> None:
    """The platform counts bytes of the encoded message; what the adapter declares must fit whatever the text is."""
    place = lone.site.chat(chat)
    assert place is not None
    can = lone.adapter.capabilities(place)
    text = sign * ((can.text_limit - 2) // (json_bytes(sign) - 2))
    assert can.measure(text) <= can.text_limit < can.measure(text + sign)
    await lone.send(chat, text)
    assert ding.seen(chat)[0].text == text


async def test_a_hundred_at_once_share_one_token_and_one_renewal(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter]
) -> None:
    """Fault F51: the token expires in the middle of 100 sends: one refresh, all are sent."""
    await asyncio.gather(*(lone.send("minzheng", f"{n}") for n in range(50)))
    ding.expire_tokens()
    await asyncio.gather(*(lone.send("minzheng", f"{n}") for n in range(50, 150)))
    assert sorted(int(m.text) for m in ding.seen("minzheng")) == list(range(150))
    assert ding.tokens_given == 2


async def test_a_token_is_renewed_before_its_end(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    await lone.send("minzheng", "一")
    lone.clock.move_to(lone.clock.now() + timedelta(minutes=114))
    await lone.send("minzheng", "二")
    assert ding.tokens_given == 1
    lone.clock.move_to(lone.clock.now() + timedelta(minutes=2))
    await lone.send("minzheng", "三")
    assert ding.tokens_given == 2


async def test_wrong_credentials_wait_for_somebody_to_mend_them(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.platforms.dingtalk.APP_SECRET", "another")
    sends = [lone.send("minzheng", f"{n}") for n in range(20)]
    errors = await asyncio.gather(*sends, return_exceptions=True)
    assert {type(error) for error in errors} == {Temporary}
    assert ding.requests["token"] == 1  # a failure is shared, too
    assert not any("ding-app-secret" in str(error) for error in errors)


async def test_too_fast_shuts_the_robot_out_and_nobody_knocks(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    """Sheet 2.1: over 20 a minute the robot is blocked for ten minutes; an escalation must not knock either."""
    for number in range(20):
        await lone.send("shifuban", f"{number}")
    with pytest.raises(Temporary) as refused:
        await lone.send("shifuban", "20")
    assert refused.value.retry_after == 600
    lone.clock.move_to(lone.clock.now() + timedelta(seconds=599))
    with pytest.raises(Temporary) as still:
        await lone.send("shifuban", "escalation")
    assert still.value.retry_after == pytest.approx(1)
    assert ding.knocks == 0
    await lone.send("minzheng", "another group is not concerned")
    lone.clock.move_to(lone.clock.now() + timedelta(seconds=1.1))
    await lone.send("shifuban", "20")
    assert [m.text for m in ding.seen("shifuban")] == [str(n) for n in range(21)]


@pytest.mark.parametrize(
    ("fault", "chat", "after", "uncertain"),
    [
        ("busy", "shifuban", None, False),
        ("too_fast", "shifuban", 600, False),
        ("address", "shifuban", 300, False),
        ("page", "shifuban", None, True),
        ("503", "shifuban", None, True),
        ("429", "shifuban", 30, False),
        ("qps", "minzheng", 1, False),
        ("address", "minzheng", 300, False),
        ("page", "minzheng", None, True),
        ("503", "dm-zhou", None, True),
        ("429", "dm-zhou", 30, False),
    ],
)
async def test_what_may_work_later(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], fault: str, chat: str, after: float | None, uncertain: bool
) -> None:
    ding.fail(fault, value=30)
    with pytest.raises(Temporary) as error:
        await lone.send(chat, "x")
    assert (error.value.retry_after, error.value.uncertain) == (after, uncertain)
    assert ding.seen(chat) == []


async def test_no_answer_after_it_was_taken_is_uncertain(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault F49."""
    monkeypatch.setattr(lone.adapter._http, "_timeout", lone.adapter._http._timeout.__class__(total=0.3))
    ding.fail("hang")
    with pytest.raises(Temporary) as error:
        await lone.send("shifuban", "x")
    assert error.value.uncertain
    assert len(ding.seen("shifuban")) == 1


async def test_nobody_there_is_sure_not_to_have_taken_it(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    await ding.stop()
    for chat in ("shifuban", "minzheng"):
        with pytest.raises(Temporary) as error:
            await lone.send(chat, "x")
        assert not error.value.uncertain


async def test_a_robot_that_was_removed_is_given_up(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    """Fault F50."""
    ding.removed = {conversation("shifuban"), conversation("minzheng")}
    with pytest.raises(Rejected, match="gone: token unknown"):
        await lone.send("shifuban", "x")
    with pytest.raises(Rejected, match=r"resource\.not\.found"):
        await lone.send("minzheng", "x")


async def test_a_person_who_left_or_was_written_to_too_often(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    """Taken by HTTP status, and yet not delivered."""
    ding.limited = {staff("zhou")}
    with pytest.raises(Temporary) as error:
        await lone.send("dm-zhou", "x")
    assert error.value.retry_after == 60
    with pytest.raises(Rejected, match="no such person"):
        await lone.send("dm-wen", "x", address="staff-gone")


def test_what_it_can_do_where(lone: Lone[DingtalkAdapter]) -> None:
    def can(chat: str) -> tuple[Hears, bool]:
        found = lone.adapter.capabilities(Chat(chat, chat, "dingtalk"))
        assert not any([found.buttons, found.updates, found.threads, found.files, found.client_keys])
        return found.hears, found.mentions

    assert can("shifuban") == (Hears.MENTIONS, True)
    assert can("minzheng") == (Hears.MENTIONS, False)
    assert can("dm-zhou") == (Hears.ALL, False)
    assert can("dingtalk:dm:somebody") == (Hears.ALL, False)
