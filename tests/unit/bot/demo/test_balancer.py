"""The simulated nginx behaves as a real one where the runbooks look."""

import hashlib

from bot.demo.fleet import Fleet
from tests.support.until import until
from tests.unit.bot.demo.client import ask

NGINX = "/data/nginx/sbin/nginx"
CONF = "/data/nginx/conf/nginx.conf"
IN_SERVICE = [
    "10.154.0.179",
    "10.154.0.181",
    "10.154.0.164",
    "10.154.54.34",
    "10.154.54.35",
    "10.154.54.36",
    "10.154.54.39",
    "10.154.54.56",
    "10.154.54.57",
    "10.154.54.58",
]


async def put(fleet: Fleet, old: str, new: str) -> None:
    """Change the configuration over SSH, as the runbook does: beside the file, then in its place."""
    before = (await ask(fleet, "lb1", f"cat {CONF}")).out
    assert old in before
    await ask(fleet, "lb1", f"tee {CONF}.new", before.replace(old, new).encode())
    assert (await ask(fleet, "lb1", f"mv {CONF}.new {CONF}")).status == 0


async def workers(fleet: Fleet) -> set[str]:
    return set((await ask(fleet, "lb1", "pgrep -f 'nginx: worker process'")).out.split())


async def connected(fleet: Fleet) -> list[str]:
    """The nodes with established connections, by the SOP's own pipeline in Python."""
    rows = [line.split() for line in (await ask(fleet, "lb1", "netstat -nat")).out.splitlines()]
    return sorted({row[4].split(":")[0] for row in rows if row[-1] == "ESTABLISHED" and "6888" in row[4]})


async def test_the_file_is_the_one_of_the_sop(fleet: Fleet) -> None:
    text = (await ask(fleet, "lb1", f"cat {CONF}")).out
    assert [line.strip() for line in text.splitlines() if "server 10." in line] == [
        *(f"server {address}:6888;" for address in IN_SERVICE),
        "#server 10.154.54.78:6888;",
        "#server 10.154.54.79:6888;",
    ]
    assert "sticky" not in text
    assert (await ask(fleet, "lb1", f"{NGINX} -t")).status == 0
    assert await connected(fleet) == sorted(IN_SERVICE)


async def test_an_edit_counts_only_after_reload_and_when_old_workers_are_gone(fleet: Fleet) -> None:
    before = await workers(fleet)
    await put(fleet, "        server 10.154.54.58:6888;", "        #server 10.154.54.58:6888;")
    assert "10.154.54.58" in await connected(fleet)
    assert (await ask(fleet, "lb1", f"{NGINX} -s reload")).status == 0
    processes = fleet.estate.machines["lb1"].processes
    await until(lambda: not before & {str(row.pid) for row in processes.rows()})
    assert len(await workers(fleet)) == 4
    assert await connected(fleet) == sorted(IN_SERVICE[:-1])


async def test_two_reloads_in_a_row_leave_one_set_of_workers(fleet: Fleet) -> None:
    await put(fleet, "        server 10.154.0.179:6888;", "        #server 10.154.0.179:6888;")
    await ask(fleet, "lb1", f"{NGINX} -s reload")
    await ask(fleet, "lb1", f"{NGINX} -s reload")
    await until(lambda: "10.154.0.179:6888" not in fleet.estate.balancer.serving)
    assert "10.154.0.179" not in await connected(fleet)
    rows = (await ask(fleet, "lb1", "ps -eo args=")).out.splitlines()
    assert rows.count("nginx: worker process") == 4


async def test_a_broken_file_fails_the_test_and_the_reload_and_old_workers_go_on(fleet: Fleet) -> None:
    before = await workers(fleet)
    await put(fleet, "    upstream ecologycluster{", "    upstream ecologycluster{{")
    tested = await ask(fleet, "lb1", f"{NGINX} -t")
    assert (tested.status, tested.err.splitlines()[-1]) == (
        1,
        f"nginx: configuration file {CONF} test failed",
    )
    assert (await ask(fleet, "lb1", f"{NGINX} -s reload")).status == 1
    assert await workers(fleet) == before
    assert await connected(fleet) == sorted(IN_SERVICE)


async def test_stop_and_start(fleet: Fleet) -> None:
    assert (await ask(fleet, "lb1", NGINX)).status == 1
    assert (await ask(fleet, "lb1", f"{NGINX} -s stop")).status == 0
    assert await workers(fleet) == set()
    assert await connected(fleet) == []
    assert (await ask(fleet, "lb1", f"{NGINX} -s reload")).status == 1
    assert (await ask(fleet, "lb1", NGINX)).status == 0
    assert len(await workers(fleet)) == 4
    pid = (await ask(fleet, "lb1", "cat /data/nginx/logs/nginx.pid")).out.strip()
    assert set((await ask(fleet, "lb1", f"pgrep -P {pid}")).out.split()) == await workers(fleet)


async def test_a_stopped_node_has_no_connections(fleet: Fleet) -> None:
    await ask(fleet, "oa3", "/data/WEAVER/ApusicAS/bin/asadmin stop-domain")
    assert await connected(fleet) == sorted(set(IN_SERVICE) - {"10.154.0.164"})


async def test_copy_keeps_the_content_and_the_hash_is_the_files(fleet: Fleet) -> None:
    await ask(fleet, "lb1", f"cp -p {CONF} {CONF}.bak")
    files = fleet.estate.machines["lb1"].files
    assert files.read(f"{CONF}.bak") == files.read(CONF)
    said = (await ask(fleet, "lb1", f"sha256sum {CONF}")).out
    assert said == f"{hashlib.sha256(files.read(CONF)).hexdigest()}  {CONF}\n"
