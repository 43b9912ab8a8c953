"""Plans do on real servers what they say. The oracle is outside: HTTP, process ids, the nodes' own request records."""

import asyncio
import os
import stat
import threading
import urllib.error
import urllib.request
from dataclasses import replace
from typing import Any

import pytest

from bot.core.errors import UserError
from runbooks.engine.prechecks import precheck
from runbooks.engine.step import Execution
from runbooks.planning.outcome import StepFault, StepResult, Undone
from runbooks.planning.plan import Plan
from runbooks.planning.planner import plan_run
from runbooks.planning.target import Target
from runbooks.remote.command import Result
from runbooks.remote.ssh import Ssh
from tests.support.apps import alive
from tests.support.estate import ADDRESSES, Estate
from tests.support.once import catalogue

pytestmark = pytest.mark.servers


def plan(estate: Estate, verb: str, *words: str) -> Plan:
    return plan_run(catalogue().definitions[verb], words, estate.site)


async def carry_out(estate: Estate, remote: Ssh, verb: str, *words: str) -> list[StepResult]:
    """Look, then every step until one fails."""
    looked = await precheck(remote, plan(estate, verb, *words))
    execution = Execution(remote, looked)
    results: list[StepResult] = []
    for step in looked.plan.steps:
        results.append(await execution.step(step))
        if results[-1].fault:
            break
    return results


async def test_restart_is_seen_from_outside(estate: Estate, remote: Ssh) -> None:
    before = {name: estate.apps.pid(address) for name, address in ADDRESSES.items()}
    results = await carry_out(estate, remote, "restart", "oa3")
    assert [result.fault for result in results] == [None] * 4
    after = {name: estate.apps.pid(address) for name, address in ADDRESSES.items()}
    assert after["oa3"] not in {None, before["oa3"]}
    assert not alive(before["oa3"] or 0)
    assert {**after, "oa3": None} == {**before, "oa3": None}
    assert estate.apps.calls(ADDRESSES["oa3"]) == ["stop-domain", "start-domain"]
    assert estate.apps.calls(ADDRESSES["oa1"]) == []


async def test_restart_brings_back_a_crashed_node(estate: Estate, remote: Ssh) -> None:
    pid = estate.apps.pid(ADDRESSES["oa3"])
    assert pid is not None
    os.kill(pid, 9)
    results = await carry_out(estate, remote, "restart", "oa3")
    assert [result.fault for result in results] == [None] * 4
    assert estate.apps.pid(ADDRESSES["oa3"]) not in {None, pid}


async def test_stop_and_start(estate: Estate, remote: Ssh) -> None:
    assert [r.fault for r in await carry_out(estate, remote, "stop", "oa2")] == [None, None]
    assert estate.apps.pid(ADDRESSES["oa2"]) is None
    assert [r.fault for r in await carry_out(estate, remote, "start", "oa2")] == [None, None]
    assert estate.apps.pid(ADDRESSES["oa2"]) is not None


async def test_a_drained_node_gets_nothing_and_nobody_notices(estate: Estate, remote: Ssh) -> None:
    node = ADDRESSES["oa4"]
    original = estate.nginx.conf.read_bytes()
    stop = threading.Event()
    traffic = [asyncio.create_task(asyncio.to_thread(_ask, estate.nginx.port, stop)) for _ in range(4)]
    await asyncio.sleep(0)
    results = await carry_out(estate, remote, "drain", node)
    at_report = estate.apps.requests(node)
    for _ in range(100):
        await asyncio.to_thread(_one, estate.nginx.port)
    stop.set()
    failures = [failure for task in traffic for failure in await task]
    assert [result.fault for result in results] == [None] * 5
    assert failures == []
    assert at_report > 0
    assert estate.apps.requests(node) == at_report
    entry = f"server {estate.address('oa4')};".encode()
    assert estate.nginx.conf.read_bytes() == original.replace(entry, b"#" + entry)

    assert [r.fault for r in await carry_out(estate, remote, "undrain", node)] == [None] * 4
    assert estate.nginx.conf.read_bytes() == original
    for _ in range(20):
        await asyncio.to_thread(_one, estate.nginx.port)
    assert estate.apps.requests(node) > at_report


async def test_mode_and_owner_stay_and_nothing_of_ours_is_left(estate: Estate, remote: Ssh) -> None:
    conf = estate.nginx.conf
    conf.chmod(0o640)
    os.chown(conf, 12, 34)
    await carry_out(estate, remote, "drain", ADDRESSES["oa4"])
    found = conf.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o640, 12, 34)
    assert list(conf.parent.iterdir()) == [conf]


async def test_what_nginx_refuses_already_is_told_before_anybody_is_asked(estate: Estate, remote: Ssh) -> None:
    conf = estate.nginx.conf
    conf.write_text(conf.read_text().replace("http {", "http {\n    nonsense on;"))
    with pytest.raises(UserError) as caught:
        await precheck(remote, plan(estate, "drain", ADDRESSES["oa4"]))
    assert caught.value.code == "nginx_refuses"
    assert 'unknown directive "nonsense"' in caught.value.facts["said"]


async def test_a_configuration_that_does_not_pass_is_put_back(estate: Estate, remote: Ssh) -> None:
    conf = estate.nginx.conf
    more = conf.with_name("more.conf")
    more.write_text("")
    conf.write_text(conf.read_text().replace("http {", "http {\n    include more.conf;"))
    original, workers = conf.read_bytes(), estate.nginx.workers()
    looked = await precheck(remote, plan(estate, "drain", ADDRESSES["oa4"]))
    execution = Execution(remote, looked)
    edit, test = looked.plan.steps[:2]
    assert (await execution.step(edit)).fault is None
    more.write_text("nonsense on;")
    failed = await execution.step(test)
    assert failed.fault is StepFault.EXIT
    assert "nonsense" in failed.output
    await execution.undo(test, StepFault.EXIT)
    assert conf.read_bytes() == original
    assert estate.nginx.workers() == workers


async def test_a_reload_that_changes_nothing_is_no_success(estate: Estate, remote: Ssh) -> None:
    """nginx answers 0 to a reload that it then does not carry out (fact 18, fault F72): here the signal goes nowhere."""
    original, workers = estate.nginx.conf.read_bytes(), estate.nginx.workers()
    wrapper = estate.nginx.binary.read_text()
    estate.nginx.binary.write_text(wrapper.replace("\nexec", '\ncase "$*" in *reload) exit 0;; esac\nexec'))
    looked = await precheck(remote, plan(estate, "drain", ADDRESSES["oa4"]))
    execution = Execution(remote, looked)
    *before, last = looked.plan.steps[:4]
    for step in before:
        assert (await execution.step(step)).fault is None
    quick = replace(last, limit=1.0)
    assert (await execution.step(quick)).fault is StepFault.NOT_RELOADED
    assert await execution.undo(quick, StepFault.NOT_RELOADED) is Undone.RESTORED
    assert estate.nginx.calls() == ["-t", "-s reload", "-t", "-s reload"]
    assert estate.nginx.conf.read_bytes() == original
    assert estate.nginx.workers() == workers


async def test_a_file_changed_after_the_look_is_not_touched(estate: Estate, remote: Ssh) -> None:
    looked = await precheck(remote, plan(estate, "drain", ADDRESSES["oa4"]))
    conf = estate.nginx.conf
    conf.write_text(conf.read_text() + "# by hand\n")
    by_hand = conf.read_bytes()
    execution = Execution(remote, looked)
    edit = looked.plan.steps[0]
    assert (await execution.step(edit)).fault is StepFault.CHANGED
    assert await execution.undo(edit, StepFault.CHANGED) is Undone.NOTHING
    assert conf.read_bytes() == by_hand


class Short:
    """A remote whose disk is full before a file is whole, and says nothing of it."""

    def __init__(self, remote: Ssh) -> None:
        self.remote = remote

    async def run(self, target: Target, argv: tuple[str, ...], **given: Any) -> Result:
        if argv[0] == "tee":
            given["stdin"] = given["stdin"][:-20]
        return await self.remote.run(target, argv, **given)


async def test_a_file_that_did_not_arrive_whole_is_never_put_in_place(estate: Estate, remote: Ssh) -> None:
    """Not even for a moment: a reload by somebody else would take it (fact 18)."""
    conf = estate.nginx.conf
    original, inode = conf.read_bytes(), conf.stat().st_ino
    looked = await precheck(remote, plan(estate, "drain", ADDRESSES["oa4"]))
    execution = Execution(Short(remote), looked)
    assert (await execution.step(looked.plan.steps[0])).fault is StepFault.NOT_WRITTEN
    assert (conf.read_bytes(), conf.stat().st_ino) == (original, inode)


async def test_a_node_that_is_down_counts_as_out(estate: Estate, remote: Ssh) -> None:
    assert (await precheck(remote, plan(estate, "restart", "oa1"))).plan.seen is not None
    pid = estate.apps.pid(ADDRESSES["oa2"])
    assert pid is not None
    os.kill(pid, 9)
    with pytest.raises(UserError) as caught:
        await precheck(remote, plan(estate, "restart", "oa1"))
    assert (caught.value.code, caught.value.facts["in_service"]) == ("floor", 3)
    await precheck(remote, plan(estate, "restart", "oa2"))


async def test_a_node_that_answers_nobody_is_not_put_back(estate: Estate, remote: Ssh) -> None:
    await carry_out(estate, remote, "drain", ADDRESSES["oa4"])
    pid = estate.apps.pid(ADDRESSES["oa4"])
    assert pid is not None
    os.kill(pid, 9)
    with pytest.raises(UserError) as caught:
        await precheck(remote, plan(estate, "undrain", ADDRESSES["oa4"]))
    assert caught.value.code == "node_not_answering"


async def test_a_node_that_another_run_holds_counts_as_out(estate: Estate, remote: Ssh) -> None:
    with pytest.raises(UserError) as caught:
        await precheck(remote, plan(estate, "drain", ADDRESSES["oa4"]), frozenset({"oa3"}))
    assert caught.value.code == "floor"


async def test_the_plan_shows_the_line_and_the_count(estate: Estate, remote: Ssh) -> None:
    seen = (await precheck(remote, plan(estate, "drain", ADDRESSES["oa4"]))).plan.seen
    assert seen is not None
    entry = f"server {estate.address('oa4')};"
    assert (seen.diff, seen.before, seen.after) == ((f"- {entry}", f"+ #{entry}"), 4, 3)


@pytest.mark.parametrize(
    ("verb", "words", "shown"),
    [("nodes", (), "ecologycluster"), ("conns", (), "ESTABLISHED"), ("disk", ("oa1",), "Capacity")],
)
async def test_reading(estate: Estate, remote: Ssh, verb: str, words: tuple[str, ...], shown: str) -> None:
    (result,) = await carry_out(estate, remote, verb, *words)
    assert result.fault is None
    assert shown in result.output


async def test_logs_are_cut_to_the_lines_asked_for(estate: Estate, remote: Ssh) -> None:
    log = estate.apps.home / "domains" / "mydomain" / "logs" / "server.log"
    log.parent.mkdir(parents=True)
    log.write_text("".join(f"line {n} password=CANARY\n" for n in range(100)))
    (result,) = await carry_out(estate, remote, "logs", "oa1", "app", "3")
    assert result.output == "".join(f"line {n} password=***\n" for n in (97, 98, 99))


def _ask(port: int, stop: threading.Event) -> list[str]:
    failures = []
    while not stop.wait(0.01):
        try:
            _one(port)
        except (OSError, urllib.error.URLError) as error:
            failures.append(str(error))
    return failures


def _one(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/page", timeout=5) as answer:
        assert answer.status == 200
        answer.read()
