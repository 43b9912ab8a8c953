"""Every kind of step does what the language says. One real host; the oracle is its files and the record of its programs."""

import os
import stat
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.core.errors import UserError
from bot.trial.trial import Carried, carry
from data.load.site import load_site
from data.model import Host
from data.site import Site
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.outcome import StepFault, Undone
from runbooks.remote.ssh import Ssh
from tests.support import sshd
from tests.support.paths import EXAMPLE
from tests.support.sshd import Sshd

pytestmark = pytest.mark.servers
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=8)))
HEAD = """verb: try
alias: 试
title: {zh: 试, en: try}
source: test
roles: [engineer]
confirm: second
group: oa
"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Sshd]:
    with sshd.running(tmp_path / "host") as running:
        yield running


@pytest.fixture
def site(host: Sshd) -> Site:
    """oa1 and oa2 are the one real host; the others are not needed."""
    example = load_site(EXAMPLE, with_roster=False)
    return example.with_hosts(
        {
            name: Host(name, "oa", host.address, host.port, host.user, f"127.0.0.1:{host.port}", tags=tags)
            for name, tags in (("oa1", ("first",)), ("oa2", ()))
        }
    )


@pytest.fixture
async def remote(host: Sshd, tmp_path: Path) -> AsyncIterator[Ssh]:
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_text(host.known_hosts)
    ssh = Ssh(known_hosts, host.key_file)
    yield ssh
    await ssh.close()


class Bench:
    """One runbook at a time. ``@`` in its text is the folder that the host works in."""

    def __init__(self, site: Site, remote: Ssh, folder: Path) -> None:
        self.site, self.remote, self.folder = site, remote, folder
        self.work = folder / "work"
        self.work.mkdir()

    async def run(
        self, text: str, line: str = "/try", secrets: dict[str, str] | None = None, says: bool = True
    ) -> Carried:
        runbooks = self.folder / "runbooks"
        runbooks.mkdir(exist_ok=True)
        (runbooks / "try.yaml").write_text(HEAD + text.replace("@", str(self.work)), "utf-8")
        catalogue = load_catalogue(runbooks)
        files = self.folder / "files"
        return await carry(
            catalogue, self.site, self.remote, line, now=NOW, files=files, secrets=secrets or {}, says=says
        )

    def read(self, name: str) -> str:
        return (self.work / name).read_text()


@pytest.fixture
def bench(site: Site, remote: Ssh, tmp_path: Path) -> Bench:
    return Bench(site, remote, tmp_path)


def step(text: str) -> str:
    return f"steps:\n  - on: {{group: oa, tag: first}}\n    title: {{zh: 试, en: try}}\n    {text}\n"


def faults(carried: Carried) -> list[StepFault | None]:
    return [result.fault for _, result in carried.results]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("run: [echo, stopped]\n    expect: ^stopped$", None),
        ("run: [echo, going on]\n    expect: ^stopped$", StepFault.EXPECT),
        ("run: [echo, ERROR 5]\n    forbid: ERROR", StepFault.FORBIDDEN),
        ("run: [sh, -c, exit 3]\n    ok: [0, 3]", None),
        ("run: [sh, -c, exit 3]", StepFault.EXIT),
        ("run: [sh, -c, exit 3]\n    may_fail: true", None),
        ("run: [sleep, '30']\n    limit: 1", StepFault.TIME),
        ("run: [pwd]\n    cwd: '@'\n    expect: work$", None),
        ("port: '127.0.0.1:1'\n    want: closed", None),
        ("port: '127.0.0.1:1'", StepFault.EXIT),
        ("port: '{here.ip}:{here.port}'", None),
        ("http: 'http://127.0.0.1:1/'\n    want: down", None),
        ("http: 'http://127.0.0.1:1/'\n    wait: 1", StepFault.NOT_UP),
        ("run: [cat]\n    stdin: 'hallo {here}'\n    expect: ^hallo oa1$", None),
    ],
)
async def test_what_a_step_may_ask_for(bench: Bench, text: str, fault: StepFault | None) -> None:
    assert faults(await bench.run(step(text))) == [fault]


async def test_what_is_too_long_is_told_as_cut(bench: Bench) -> None:
    carried = await bench.run(step("run: [head, -c, '5000000', /dev/zero]"))
    assert carried.results[0][1].output.endswith("\n…（已截断）")


async def test_waiting_until_something_holds(bench: Bench) -> None:
    (bench.work / "count").write_text("")
    script = "echo x >> @/count; test $(wc -l < @/count) -ge 3 && echo ready"
    carried = await bench.run(step(f"run: [sh, -c, '{script}']\n    wait: 20\n    expect: ready"))
    assert faults(carried) == [None]
    assert bench.read("count") == "x\nx\nx\n"


@pytest.mark.parametrize(("more", "times"), [("idempotent: true\n    retry: {times: 2, pause: 0}", 3), ("limit: 5", 1)])
async def test_only_what_may_run_twice_is_sent_again(bench: Bench, more: str, times: int) -> None:
    carried = await bench.run(step(f"run: [sh, -c, 'echo x >> @/count; exit 1']\n    {more}"))
    assert faults(carried) == [StepFault.EXIT]
    assert bench.read("count") == "x\n" * times


async def test_each_host_and_each_value(bench: Bench) -> None:
    arguments = "arguments:\n  - {name: ports, type: port, many: true}\n"
    tried = step("run: [sh, -c, 'echo $0; test $0 != 7', '{p}']\n    each: {name: p, of: ports}\n    may_fail: true")
    carried = await bench.run(arguments + tried, "/try 7,8")
    (_, result) = carried.results[0]
    assert [line for line in result.output.splitlines() if line[:1] in "78="] == ["7", "= 1", "8", "= 0"]


async def test_declared_undo_runs_backwards_when_a_later_step_fails(bench: Bench) -> None:
    carried = await bench.run(
        """steps:
  - {title: {zh: 一, en: one}, on: {group: oa, first: true}, run: ["true"], undo: [sh, -c, echo one >> @/undone]}
  - {title: {zh: 二, en: two}, on: {group: oa, first: true}, run: ["true"], undo: [sh, -c, echo two >> @/undone]}
  - {title: {zh: 三, en: three}, on: {group: oa, first: true}, run: ["false"], undo: [sh, -c, echo three >> @/undone]}
"""
    )
    assert (faults(carried), carried.undone) == ([None, None, StepFault.EXIT], Undone.RESTORED)
    assert bench.read("undone") == "two\none\n"


SETTING = """arguments:
  - {name: n, type: int, least: 1, most: 99}
steps:
  - {set: {file: "@/x.properties", key: pool.max, value: "{n}"}, on: {group: oa, first: true}}
  - {title: {zh: 查, en: check}, on: {group: oa, first: true}, run: [test, -e, "@/fine"]}
"""


async def test_a_setting_is_changed_and_nothing_else(bench: Bench) -> None:
    path = bench.work / "x.properties"
    path.write_bytes("#pool.max=1\r\nname=值班\r\npool.max = 5\r\n# end".encode("gbk"))
    path.chmod(0o640)
    os.chown(path, 12, 34)
    (bench.work / "fine").touch()
    carried = await bench.run(SETTING, "/try 7")
    assert faults(carried) == [None, None]
    assert path.read_bytes() == "#pool.max=1\r\nname=值班\r\npool.max = 7\r\n# end".encode("gbk")
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_uid, path.stat().st_gid) == (0o640, 12, 34)


async def test_a_setting_is_put_back_when_a_later_step_fails(bench: Bench) -> None:
    path = bench.work / "x.properties"
    path.write_text("pool.max=5\n")
    carried = await bench.run(SETTING, "/try 7")
    assert (faults(carried), carried.undone) == ([None, StepFault.EXIT], Undone.RESTORED)
    assert path.read_text() == "pool.max=5\n"


@pytest.mark.parametrize(("content", "code"), [("a=1\n", "key_missing"), ("pool.max=1\npool.max=2\n", "key_twice")])
async def test_a_setting_that_is_not_there_once_is_refused(bench: Bench, content: str, code: str) -> None:
    (bench.work / "x.properties").write_text(content)
    with pytest.raises(UserError) as caught:
        await bench.run(SETTING, "/try 7")
    assert caught.value.code == code
    assert (bench.work / "x.properties").read_text() == content


UPLOAD = """arguments:
  - {name: package, type: file}
steps:
  - {upload: "{package}", to: "@/app.license", mode: "0600", on: {group: oa, first: true}}
  - {title: {zh: 查, en: check}, on: {group: oa, first: true}, run: [test, -e, "@/fine"]}
"""


@pytest.mark.parametrize("old", [None, "old licence"])
@pytest.mark.parametrize("fine", [True, False])
async def test_an_upload_is_whole_or_taken_back(bench: Bench, old: str | None, fine: bool) -> None:
    (bench.folder / "files").mkdir()
    content = os.urandom(300_000)
    (bench.folder / "files" / "new.license").write_bytes(content)
    path = bench.work / "app.license"
    if old is not None:
        path.write_text(old)
        path.chmod(0o640)
    if fine:
        (bench.work / "fine").touch()
    carried = await bench.run(UPLOAD, "/try new.license")
    if fine:
        assert faults(carried) == [None, None]
        assert path.read_bytes() == content
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if old is None else 0o640)
    else:
        assert carried.undone is Undone.RESTORED
        assert (path.read_text() if path.exists() else None) == old


async def test_a_file_that_is_not_there_is_not_uploaded(bench: Bench) -> None:
    with pytest.raises(UserError) as caught:
        await bench.run(UPLOAD, "/try nothing.license")
    assert caught.value.code == "file_missing"


async def test_a_download_is_masked_where_it_is_text(bench: Bench) -> None:
    (bench.work / "log").write_text("a\npassword=CANARY\n")
    carried = await bench.run(step('download: "@/log"\n    name: "{here}.log"'))
    assert carried.results[0][1].files == (("oa1.log", b"a\npassword=***\n"),)


async def test_a_secret_is_sent_and_never_shown(bench: Bench) -> None:
    text = step("run: [sh, -c, 'cat > @/got; cat @/got']\n    stdin: '{secret.dm}'")
    carried = await bench.run(text, secrets={"dm": "CANARY-7x"})
    assert bench.read("got") == "CANARY-7x"
    assert carried.results[0][1].output == "***"
    assert "CANARY" not in repr(carried.plan)


async def test_a_secret_that_is_not_there_sends_nothing(bench: Bench) -> None:
    carried = await bench.run(step("run: [touch, '@/{secret.dm}']"))
    assert faults(carried) == [StepFault.EXIT]
    assert list(bench.work.iterdir()) == []


LOOKING = """look:
  - {name: fs, on: {group: oa, first: true}, run: [cat, "@/fs"], match: "ext4|xfs", refuse: {zh: 不认识, en: unknown}}
  - {name: free, on: {group: oa, first: true}, run: [cat, "@/free"], match: "([0-9]+)"}
  - {on: {group: oa, first: true}, run: [cat, "@/need"], match: "([0-9]+)", most: "{free}", refuse: {zh: 空间不够, en: no room}}
  - on: {group: oa, first: true}
    run: [cat, "@/ends"]
    match: ".*([0-9]{4}-[0-9]{2}-[0-9]{2})"
    days_left: 7
    refuse: {zh: 快到期, en: ends soon}
steps:
  - {title: {zh: 长 ext4, en: grow ext4}, on: {group: oa, first: true}, run: [touch, "@/grown-{fs}"], when: {fs: ext4}}
  - {title: {zh: 长 xfs, en: grow xfs}, on: {group: oa, first: true}, run: [touch, "@/grown-{fs}"], when: {fs: xfs}}
"""
FACTS = {"fs": "xfs\n", "free": "100\n", "need": "99\n", "ends": "until 2026-11-29\n"}


async def test_facts_choose_the_steps(bench: Bench) -> None:
    for name, content in FACTS.items():
        (bench.work / name).write_text(content)
    carried = await bench.run(LOOKING)
    assert sorted(p.name for p in bench.work.iterdir() if p.name.startswith("grown")) == ["grown-xfs"]
    assert carried.plan.facts == (("fs", "xfs"),)  # free space is not part of what is confirmed


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("fs", "ext4\nrm", "unknown"),
        ("fs", "btrfs", "unknown"),
        ("need", "101", "no room"),
        ("ends", "2026-11-28", "ends soon"),
    ],
)
async def test_a_precondition_that_fails_refuses(bench: Bench, name: str, content: str, said: str) -> None:
    for other, fine in (FACTS | {name: content}).items():
        (bench.work / other).write_text(fine)
    with pytest.raises(UserError) as caught:
        await bench.run(LOOKING)
    assert (caught.value.code, caught.value.facts["en"]) == ("precondition", said)
    assert not [p for p in bench.work.iterdir() if p.name.startswith("grown")]


async def test_a_roll_goes_host_by_host_and_stops_at_the_first_that_fails(bench: Bench) -> None:
    text = """arguments:
  - {name: many, type: int, least: 1, most: 9, default: "1"}
steps:
  - roll: {group: oa}
    batch: "{many}"
    steps:
      - title: {zh: 一, en: one}
        run: [sh, -c, 'echo $0 one >> @/log', "{here}"]
        undo: [sh, -c, 'echo $0 back >> @/log', "{here}"]
      - {title: {zh: 二, en: two}, run: [sh, -c, 'echo $0 two >> @/log; test $0 = oa1', "{here}"]}
"""
    carried = await bench.run(text)
    assert carried.failed is not None
    assert carried.failed[0].item == "oa2"
    assert bench.read("log").splitlines() == ["oa1 one", "oa1 two", "oa2 one", "oa2 two", "oa2 back"]
    assert carried.plan.items[:3] == ("oa1", "oa2", "oa3")


@pytest.mark.parametrize(("says", "fault"), [(True, None), (False, StepFault.NOT_CONFIRMED)])
async def test_a_question_stops_unless_somebody_says_yes(bench: Bench, says: bool, fault: StepFault | None) -> None:
    carried = await bench.run("steps:\n  - ask: {zh: 关机了吗, en: is it off}\n", says=says)
    assert faults(carried) == [fault]
    assert carried.plan.steps[0].title.en == "is it off"


async def test_outside_the_change_window_nothing_begins(bench: Bench) -> None:
    """The example's window is 18:00-24:00; the test's clock stands at 10:00."""
    with pytest.raises(UserError) as caught:
        await bench.run("look:\n  - {window: true}\n" + step("run: [touch, '@/begun']"))
    assert (caught.value.code, caught.value.facts["window"]) == ("outside_window", "18:00-24:00")
    assert list(bench.work.iterdir()) == []
