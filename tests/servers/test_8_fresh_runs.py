"""What is told of a restart that fails and is gone on with, against the state of the real node."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runbooks.engine.step import Execution
from runbooks.planning.outcome import StepFault, StepResult
from runbooks.planning.plan import Step
from runbooks.runs.run import State
from tests.support.desk import Desk
from tests.support.estate import ADDRESSES, Estate
from tests.unit.handlers.runs.rooms import run, say, served

pytestmark = pytest.mark.servers


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    async with served(estate, tmp_path / "state", empty_db) as opened:
        yield opened


def broken(estate: Estate) -> Path:
    """The mark with which oa3 does not start."""
    return estate.apps.home / f"{ADDRESSES['oa3']}.broken"


async def carried_out(desk: Desk, number: int) -> str:
    return (await say(desk, "wen", f"/confirm R{number}")).text


async def test_8_9_a_node_that_did_not_stop_is_not_told_as_down(
    desk: Desk, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server does not heed the stop, and serves on: people must not hurry to bring up what is up."""
    script = estate.apps.home / "bin" / "asadmin"
    script.write_text(script.read_text().replace("kill $(cat $pid) && rm $pid", "exit 0"))
    waited = Execution._wait

    async def at_once(self: Execution, step: Step) -> StepResult:
        return await waited(self, dataclasses.replace(step, limit=0.0))

    monkeypatch.setattr(Execution, "_wait", at_once)
    await say(desk, "zhou", "/restart oa3")
    text = await carried_out(desk, 1)
    assert await asyncio.to_thread(estate.apps.pid, ADDRESSES["oa3"]) is not None
    assert (await run(desk)).code == StepFault.STILL_UP.value
    assert "没有停下来" in text
    assert "没有完全起来" not in text


async def test_8_9_what_went_well_later_is_not_left_to_go_on_with(desk: Desk, estate: Estate) -> None:
    broken(estate).touch()
    await say(desk, "zhou", "/restart oa3")
    assert "没有完全起来" in await carried_out(desk, 1)
    assert "/resume R1" in (await say(desk, "wen", "/runs")).text
    broken(estate).unlink()
    await say(desk, "zhou", "/start oa3")
    assert "完成" in await carried_out(desk, 2)
    assert "/resume R1" in (await say(desk, "wen", "/runs")).text, "nobody has restarted it yet"
    await say(desk, "zhou", "/restart oa3")
    assert (await carried_out(desk, 3)).startswith("R3 完成")
    assert "/resume R1" not in (await say(desk, "wen", "/runs")).text


async def test_8_9_a_rest_that_was_gone_on_with_is_no_measure_for_the_whole(desk: Desk, estate: Estate) -> None:
    """Else the next restart is said to differ from the last one by its stop."""
    for number in (1, 2):
        broken(estate).touch()
        await say(desk, "zhou", "/restart oa3")
        await carried_out(desk, 2 * number - 1)
        broken(estate).unlink()
        await say(desk, "zhou", f"/resume R{2 * number - 1}")
        await carried_out(desk, 2 * number)
        assert (await run(desk, 2 * number)).state is State.DONE
    asked = await say(desk, "zhou", "/restart oa3")
    assert asked.text.startswith("R5 重启应用 oa3")
    assert "不同" not in asked.text


async def test_8_9_a_run_whose_first_step_failed_has_no_rest(desk: Desk, estate: Estate) -> None:
    """The list offers no more than what was said at its end."""
    await say(desk, "zhou", "/start oa3")  # it runs already
    ended = await carried_out(desk, 1)
    assert (await run(desk)).state is State.FAILED
    assert "/resume" not in ended
    assert "R1" not in (await say(desk, "wen", "/runs")).text


async def in_service(estate: Estate) -> int:
    """How many nodes nginx sends requests to, of those that answer; by its file and by themselves."""
    text = estate.nginx.conf.read_text()
    nodes = [host for host in ADDRESSES if host != "lb1" and f"#server {estate.address(host)};" not in text]
    return sum([await asyncio.to_thread(estate.apps.pid, ADDRESSES[host]) is not None for host in nodes])


@pytest.mark.waits
async def test_8_9_a_roll_that_was_gone_on_with_ends_with_all_nodes(desk: Desk, estate: Estate) -> None:
    """It began with one node out, which is back at its end: those are counted that are there then."""
    broken(estate).touch()
    await say(desk, "zhou", "/rolling-restart oa")
    assert "停在摘除状态" in await carried_out(desk, 1)
    broken(estate).unlink()
    await say(desk, "zhou", "/resume R1")
    ended = await carried_out(desk, 2)
    assert (await run(desk, 2)).state is State.DONE
    assert await in_service(estate) == 4
    assert "4 个节点在线" in ended
