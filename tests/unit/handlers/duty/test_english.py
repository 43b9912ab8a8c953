"""The English twins say the same: each of duty's messages once, in a house that speaks English."""

from datetime import date, datetime
from pathlib import Path

from data.shifts import roster_of
from tests.support.desk import make_settings, open_desk
from tests.support.once import example_site

ANNOUNCEMENT = """Good morning, everyone.

Today 08:30-18:00 on-site duty engineer: 温若川, phone 13800000013

Today 18:00-24:00 online duty: 苏明/沈砚, phone 13800000022/13800000001"""


async def test_a_day_of_duty_in_english(tmp_path: Path, empty_db: Path) -> None:
    site = example_site()
    gone = (date(2026, 10, 15), "shifu")
    site = site.with_roster(roster_of(s for s in site.roster.shifts if (s.date, s.post) != gone))
    start = datetime.fromisoformat("2026-10-14T08:20:00+08:00")
    settings = make_settings(tmp_path, locale="en")
    async with open_desk(tmp_path, empty_db, start=start, site=site, settings=settings) as desk:
        await desk.later(minutes=10)
        assert [m.text for m in await desk.bot("shifuban")] == [ANNOUNCEMENT]
        text, card = await desk.bot("dm-wen")
        assert text.text == ANNOUNCEMENT
        (done,) = await desk.taps("wen", card, "sent")
        assert done.text.split("\n")[1] == "市委办微信群 · sent 08:30 by 温若川"
        (now,) = await desk.says("qian", "/oncall", chat="zhengshuju")
        assert now.text.split("\n") == [
            "On duty at 08:30",
            "政数局: 唐叙 13800000023 on site until 18:00",
            "市府/市委: 温若川 13800000013 on site until 18:00",
            "Emergency contact: 沈砚 13800000001",
        ]
        (day,) = await desk.says("wen", "/oncall tomorrow", chat="shifuban")
        assert day.text.split("\n")[:4] == [
            "10-15 Thu, workday",
            "市府/市委",
            "  00:00-08:30 online 孟书言 13800000024",
            "  08:30-18:00 nobody on the roster, ask 何牧 13800000011, 沈砚 13800000001",
        ]
        (preview,) = await desk.says("wen", "/announce preview", chat="shifuban")
        assert preview.text == f"Preview: announcement of 10-14 · 市府/市委 · 7 groups\n----\n{ANNOUNCEMENT}"
        await desk.later(hours=9)
        (gap,) = await desk.bot("dm-hemu")
        assert "市府 08:30-18:00, on site; until filled 何牧/沈砚 will be told" in gap.text.split("\n")


async def test_the_missed_announcement_in_english(tmp_path: Path, empty_db: Path) -> None:
    settings = make_settings(tmp_path, locale="en")
    for clock, copied in (("08:00:00", empty_db), ("10:30:00", None)):
        start = datetime.fromisoformat(f"2026-10-14T{clock}+08:00")
        async with open_desk(tmp_path, copied, start=start, settings=settings) as desk:
            await desk.settle()
            told = [m.text for m in await desk.bot("dm-fang")]
    assert [text.split("\n")[1] for text in told] == [
        "These groups got nothing today: 政数局交流群, 卫健局交流群, 教育局交流群, 东湖县交流群, 西岭县交流群."
    ]
