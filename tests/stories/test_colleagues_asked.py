"""Engineers ask each other in a reporters' group, and the clock runs on; the oracle is what the lead is told when it is over."""

import pytest

from tests.support.desk import Desk


@pytest.mark.parametrize("line", ["谁在跟这个？", "who is on this?"])
async def test_8_6_the_clock_runs_on_while_engineers_ask_each_other(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开", chat="shifuban")
    await desk.says("hemu", line, chat="shifuban")
    await desk.later(minutes=11)
    assert any("超时" in said.text for said in await desk.bot("dm-hemu"))
