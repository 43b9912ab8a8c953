"""The monthly backups are asked for on the first of the month, and late in it what is still missing."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.storage.store import Tx
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.plan import plan_json
from runbooks.planning.planner import plan_run
from runbooks.runs.run import State
from runbooks.runs.tables import RunRow
from tests.support.desk import Desk, open_desk
from tests.support.once import example_site
from tests.unit.runbooks.planning.test_offers import OWN, organisation

SITE = example_site()
ALL = {"/backup app oa1", "/backup db", "/backup files oa1"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


async def asked_for(desk: Desk) -> set[str]:
    """The commands that the duty room was told to type, since the start."""
    lines = [line for said in await desk.bot("duty-room") for line in said.text.split("\n")]
    return {line.partition(" · ")[0] for line in lines if line.startswith("/backup")}


async def test_on_the_first_day_all_are_asked_for_once(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path, empty_db, start=at("2026-12-01T08:59:59")) as desk:
        await desk.settle()
        assert await asked_for(desk) == set()
        await desk.later(seconds=1)
        assert await asked_for(desk) == ALL
        await desk.later(hours=30)
        assert len([m for m in await desk.bot("duty-room") if "/backup" in m.text]) == 1


HIS = """ssh: {user: zhiban, port: 22}
groups:
  his: {name: 医院系统}
hosts:
  his1: {group: his, address: 192.0.2.11}
  his2: {group: his, address: 192.0.2.12}
"""


@pytest.mark.parametrize(("hosts", "lines"), [(HIS, set()), (OWN, {"/backup app portal-a", "/backup files portal-a"})])
async def test_8_27_only_backups_that_can_run_here_are_asked_for_with_hosts_that_there_are(
    tmp_path: Path, empty_db: Path, hosts: str, lines: set[str]
) -> None:
    site = organisation(tmp_path, hosts)
    async with open_desk(tmp_path / "state", empty_db, site=site, start=at("2026-12-01T08:59:59")) as desk:
        await desk.later(seconds=1)
        assert await asked_for(desk) == lines
        assert lines or not [said for said in await desk.bot("duty-room") if "备份" in said.text]


async def test_8_27_who_names_no_target_is_told_what_there_is_here(tmp_path: Path, empty_db: Path) -> None:
    """/nodes lists nothing here, and is not offered: the targets themselves are named."""
    site = organisation(tmp_path, HIS)
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        for typed, told in {
            "/probe-port his1 his2 22": "/probe-port 不能用在 his1 上。可以写：his。",
            "/disk 192.0.2.99": "没有叫 192.0.2.99 的主机或节点。可以写：his1、his2。",
        }.items():
            (answer,) = await desk.says("zhou", typed, chat="duty-room")
            assert answer.text == told


async def test_8_26_backups_are_asked_for_on_workdays(tmp_path: Path, empty_db: Path) -> None:
    """2026-10-01 begins a week of holidays, 10-25 is a Sunday: told on 10-08 and on Friday 10-23, on no other day."""
    async with open_desk(tmp_path, empty_db, start=at("2026-10-01T08:00:00")) as desk:
        heard: list[int] = []
        for day in range(1, 31):
            await desk.later(hours=24)
            count = len([m for m in await desk.bot("duty-room") if "/backup" in m.text])
            heard += [day] * (count - len(heard))
        assert heard == [8, 23]


async def test_late_in_the_month_only_what_is_missing(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path, empty_db, start=at("2026-11-25T08:00:00")) as desk:
        await done(desk, "backup app", ("oa1",), "2026-11-20T10:00:00")
        await done(desk, "backup db", (), "2026-10-31T10:00:00")
        await desk.later(hours=1)
        assert await asked_for(desk) == ALL - {"/backup app oa1"}
        (room,) = [m.text for m in await desk.bot("duty-room") if "/backup" in m.text]
        assert "10-31" in room


async def test_a_month_with_all_of_them_is_not_worth_a_word(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path, empty_db, start=at("2026-11-25T08:00:00")) as desk:
        for name, words in (("backup app", ("oa1",)), ("backup db", ()), ("backup files", ("oa1",))):
            await done(desk, name, words, "2026-11-02T10:00:00")
        await desk.later(hours=1)
        assert await asked_for(desk) == set()


async def done(desk: Desk, name: str, words: tuple[str, ...], when: str) -> None:
    """A backup that ended well at ``when``."""
    catalogue = load_catalogue()
    plan = plan_run(catalogue.definitions[name], words, SITE, catalogue=catalogue, at=at(when))
    row = RunRow(
        verb=plan.verb,
        line=plan.line,
        dry_run=False,
        requester="zhou",
        chat="duty-room",
        message="",
        state=State.DONE.value,
        plan=plan_json(plan),
        requested_at=at(when),
        ended_at=at(when),
    )
    await desk.app.store.write(lambda tx: _keep(tx, row))


def _keep(tx: Tx, row: RunRow) -> None:
    session = tx.session()
    session.add(row)
    session.flush()
