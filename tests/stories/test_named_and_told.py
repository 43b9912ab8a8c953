"""Whoever is named to a group as the one who answers has been told, and reads what he is asked to do."""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from data.load.site import load_site
from data.model import Audience
from data.site import Site
from tests.support.desk import Desk, Said, open_desk
from tests.support.paths import EXAMPLE

ONE = "GD-20261014-001"
PRICE = "想加一个报表模块，多少钱"


def new_in(said: Sequence[Said], chat: str) -> list[Said]:
    return [m for m in said if m.chat == chat and not m.shown["updated"]]


def without_business(site: Site) -> Site:
    """The example with nobody of the role; 江晚 is still there."""
    jiang = dataclasses.replace(site.people["jiang"], roles=frozenset())
    return dataclasses.replace(site, people={**site.people, "jiang": jiang})


def to_the_lead(site: Site) -> Site:
    """Questions are the lead's alone."""
    faq = dataclasses.replace(site.routes["faq"], to=(Audience.LEAD,))
    return dataclasses.replace(site, routes={**site.routes, "faq": faq})


@pytest.fixture
async def no_business(tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    site = without_business(load_site(EXAMPLE, tmp_path, "Asia/Shanghai"))
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        yield desk


async def test_8_6_with_no_business_owner_the_engineer_who_is_named_is_asked_to_answer(no_business: Desk) -> None:
    said = await no_business.says("lixiao", PRICE, chat="shifuban")
    (answer,) = new_in(said, "shifuban")
    assert "温若川 13800000013 会回复您" in answer.text
    (page,) = new_in(said, "dm-wen")
    assert f"李晓：“{PRICE}”" in page.text
    assert "请在群里回复" in page.text
    (copy,) = new_in(said, "dm-hemu")
    assert "供了解，不用处理" in copy.text


async def test_8_6_with_no_business_owner_the_engineers_words_are_the_answer(no_business: Desk) -> None:
    await no_business.says("lixiao", PRICE, chat="shifuban")
    await no_business.says("wen", "收到，我问一下报价再回您", chat="shifuban")
    (listed,) = await no_business.says("hemu", "/status", chat="duty-room")
    assert "温若川 处理中" in listed.text or "没有未结的工单" in listed.text


async def test_8_6_a_question_that_goes_to_the_lead_names_nobody_who_was_not_told(
    tmp_path: Path, empty_db: Path
) -> None:
    site = to_the_lead(load_site(EXAMPLE, tmp_path, "Asia/Shanghai"))
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        said = await desk.says("lixiao", "怎么修改密码", chat="shifuban")
    (answer,) = new_in(said, "shifuban")
    named = [person for person in site.people.values() if person.name in answer.text]
    assert named
    assert all(new_in(said, f"dm-{person.id}") for person in named), answer.text


async def test_8_6_where_there_is_a_business_owner_the_engineer_is_left_alone(desk: Desk) -> None:
    said = await desk.says("lixiao", PRICE, chat="shifuban")
    assert new_in(said, "dm-wen") == []
    assert "江晚 13800000002（商务）会回复您" in new_in(said, "shifuban")[0].text


SMS = "短信收不到验证码"


async def test_8_6_a_ticket_that_goes_to_another_vendor_is_told_him_and_is_no_more_asked_of_the_former(
    desk: Desk,
) -> None:
    said = await desk.says("feng", SMS, chat="donghu")  # 余桥 of 运营商 is in the group, 白朔 is not
    (card,) = new_in(said, "dm-bai")
    assert "请协助" in card.text
    said = await desk.says("fang", f"/route {ONE} 运营商", chat="duty-room")
    (told,) = new_in(said, "dm-yu")
    assert f"冯遥：“{SMS}”" in told.text
    assert "请协助" in told.text
    after = next(m for m in await desk.bot("dm-bai") if m.id == card.id)
    assert "已转给 余桥（运营商），您不用再处理" in after.text
    assert "请协助" not in after.text
    assert "请 @余桥" in new_in(said, "donghu")[0].text
    page = next(m for m in await desk.bot("dm-tang") + await desk.bot("dm-su") if m.text.startswith(ONE))
    assert "已通知厂商 余桥" in page.text or "正在通知厂商 余桥" in page.text


async def test_8_6_a_question_that_goes_to_another_vendor_is_told_him(desk: Desk) -> None:
    await desk.says("feng", "能不能帮我开通短信接口权限", chat="donghu")
    await desk.says("fang", f"/route {ONE} 短信服务商", chat="duty-room")
    said = await desk.says("fang", f"/route {ONE} 运营商", chat="duty-room")
    assert "请协助" in new_in(said, "dm-yu")[0].text
    assert any("已转给 余桥" in m.text for m in await desk.bot("dm-bai"))


async def test_8_6_what_goes_to_our_own_people_is_no_more_asked_of_the_vendor(desk: Desk) -> None:
    await desk.says("feng", SMS, chat="donghu")
    await desk.says("fang", f"/route {ONE} internal", chat="duty-room")
    (card,) = await desk.bot("dm-bai")
    assert "已转给内部技术，您不用再处理" in card.text


WIDE = "整个单位的OA都打不开，全部用户都用不了"


async def test_8_6_of_what_is_answered_and_becomes_urgent_lead_and_director_read_who_has_it(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("qiao", "收到", chat="shifuban")  # 温若川 is on duty
    said = await desk.says("zhao", WIDE, chat="shifuban")
    for chat in ("dm-hemu", "dm-shen"):
        (told,) = new_in(said, chat)
        assert "紧急，由 乔望 13800000014 跟进（10:00 已响应）。" in told.text
        assert "值班工程师" not in told.text


async def test_8_6_of_what_was_given_on_they_read_who_answered_and_who_has_it(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("hemu", f"/assign {ONE} 乔望", chat="duty-room")
    (told,) = new_in(await desk.says("zhao", WIDE, chat="shifuban"), "dm-shen")
    assert "紧急，由 乔望 13800000014 跟进（温若川 10:00 已响应）。" in told.text


async def test_8_6_of_what_a_colleague_was_given_and_has_not_answered_they_read_that(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("hemu", f"/assign {ONE} 乔望", chat="duty-room")
    said = await desk.says("zhao", WIDE, chat="shifuban")
    assert "紧急，由 乔望 13800000014 跟进（还没有响应）。" in new_in(said, "dm-shen")[0].text
    await desk.later(minutes=11)
    said = await desk.says("lixiao", "怎么没人回", chat="shifuban")
    assert "无人响应。工程师 乔望 13800000014" in new_in(said, "dm-hemu")[0].text


async def test_8_27_the_copy_of_a_business_question_says_so_once(desk: Desk) -> None:
    (copy,) = new_in(await desk.says("lixiao", PRICE, chat="shifuban"), "dm-hemu")
    assert copy.text.splitlines()[0] == f"抄送 {ONE} · 市府办交流群 · 商务"
