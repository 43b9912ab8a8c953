"""An application node stops and starts as SOP 5.1 expects, alone."""

import asyncio

from bot.demo.fleet import Fleet
from tests.support.until import until
from tests.unit.bot.demo.client import ask

ASADMIN = "/data/WEAVER/ApusicAS/bin/asadmin"
LOG = "/data/WEAVER/ApusicAS/domains/mydomain/logs/server.log"
HEALTH = "curl -fsS -o /dev/null http://127.0.0.1:6888/"


async def java(fleet: Fleet, host: str) -> str:
    """The domain's process as the machine's own table has it."""
    return (await ask(fleet, host, "pgrep -f com.apusic.server")).out


async def test_stop_and_start_replace_the_process(fleet: Fleet) -> None:
    before, neighbour = await java(fleet, "oa3"), await java(fleet, "oa1")
    stopped = await ask(fleet, "oa3", f"timeout -s KILL 60 {ASADMIN} stop-domain")
    assert (stopped.status, stopped.out.splitlines()[-1]) == (0, "Command stop-domain executed successfully.")
    assert await java(fleet, "oa3") == ""
    health = await ask(fleet, "oa3", HEALTH)
    assert (health.status, health.err) == (
        7,
        "curl: (7) Failed to connect to 127.0.0.1 port 6888: Connection refused\n",
    )
    started = await ask(fleet, "oa3", f"timeout -s KILL 60 {ASADMIN} start-domain")
    assert started.status == 0
    assert len(started.out.splitlines()) == 6
    assert await java(fleet, "oa3") not in {"", before}
    assert (await ask(fleet, "oa3", HEALTH)).status == 0
    assert await java(fleet, "oa1") == neighbour


async def test_it_does_not_serve_before_the_start_has_ended(fleet: Fleet) -> None:
    await ask(fleet, "oa3", f"{ASADMIN} stop-domain")
    start = asyncio.create_task(ask(fleet, "oa3", f"{ASADMIN} start-domain"))
    files = fleet.estate.machines["oa3"].files
    await until(lambda: files.read(LOG).endswith(b"Server starting\n"))
    assert not fleet.estate.nodes["oa3"].serving
    await start
    assert fleet.estate.nodes["oa3"].serving


async def test_starting_twice_fails_and_stopping_twice_warns(fleet: Fleet) -> None:
    again = await ask(fleet, "oa3", f"{ASADMIN} start-domain")
    assert (again.status, "Command start-domain failed." in again.err) == (1, True)
    await ask(fleet, "oa3", f"{ASADMIN} stop-domain")
    twice = await ask(fleet, "oa3", f"{ASADMIN} stop-domain")
    assert (twice.status, twice.out.startswith("CLI306: Warning")) == (0, True)


async def test_a_time_limit_kills_it_midway_and_the_domain_stays(fleet: Fleet) -> None:
    killed = await ask(fleet, "oa3", f"timeout -s KILL 0.01 {ASADMIN} stop-domain")
    assert killed.status == 137
    assert (await ask(fleet, "oa3", HEALTH)).status == 0


async def test_the_log_tells_what_happened(fleet: Fleet) -> None:
    await ask(fleet, "oa3", f"{ASADMIN} stop-domain")
    tail = await ask(fleet, "oa3", f"tail -n 1 {LOG}")
    assert tail.out.endswith("[INFO] [oa3] Server stopped\n")


async def test_health_as_the_runbooks_ask_for_it(fleet: Fleet) -> None:
    line = "timeout -s KILL 30 curl -s -o /dev/null --max-time 5 -w '%{http_code}' http://10.154.0.164:6888/"
    up = await ask(fleet, "oa3", line)
    await ask(fleet, "oa3", f"{ASADMIN} stop-domain")
    down = await ask(fleet, "oa3", line)
    assert (up.status, up.out, up.err) == (0, "200", "")
    assert (down.status, down.out, down.err) == (7, "000", "")
