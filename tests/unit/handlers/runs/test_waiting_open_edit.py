"""A question between an edit of the balancer's file and its verification: what the edit remembered outlives the wait.

The oracle is outside: nginx's own file.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runbooks.runs import questions
from runbooks.runs import steps as store_steps
from runbooks.runs.run import State
from tests.support.desk import Desk
from tests.support.estate import ADDRESSES, Estate
from tests.support.paths import EXAMPLE
from tests.support.runner import runner
from tests.unit.handlers.runs.rooms import run, say, served

pytestmark = pytest.mark.servers
OPEN = """verb: {verb}
alias: 摘{alias}
title: {{zh: 摘, en: take out}}
source: a test
roles: [engineer, lead]
confirm: second
confirmers: [engineer, lead, director]
where: balancer
effect: out
group: oa
arguments:
  - {{name: node, type: node, example: 10.154.54.58}}
steps:
  - {{kind: edit, title: {{zh: 改, en: edit}}}}
  - {{title: {{zh: 查, en: test}}, run: ["{{nginx}}", -t]}}
{asks}  - {{kind: workers, title: {{zh: 核, en: workers}}, limit: 5}}
"""
ASK = "  - {ask: {zh: 可以了吗, en: may it}}\n"
RELOAD = '  - {title: {zh: 载, en: reload}, run: ["{nginx}", -s, reload]}\n'


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    books = data / "runbooks"
    books.mkdir(exist_ok=True)
    (books / "ask-before.yaml").write_text(OPEN.format(verb="ask-before", alias="前", asks=ASK + RELOAD))
    (books / "ask-behind.yaml").write_text(OPEN.format(verb="ask-behind", alias="后", asks=RELOAD + ASK))
    async with served(estate, tmp_path / "state", empty_db, data_dir=data) as opened:
        yield opened


@pytest.mark.parametrize("verb", ["ask-before", "ask-behind"])
async def test_a_question_between_an_edit_and_its_verification(desk: Desk, estate: Estate, verb: str) -> None:
    """Where somebody says yes before the reload, or behind it."""
    await say(desk, "zhou", f"/{verb} {ADDRESSES['oa3']}")
    await say(desk, "wen", "/confirm R1")
    done = await say(desk, "wen", "/resume R1")
    assert ((await run(desk)).state, (await run(desk)).code) == (State.DONE, None), done.text
    assert f"#server {estate.address('oa3')};" in estate.nginx.conf.read_text()


@pytest.mark.parametrize("verb", ["ask-before", "ask-behind"])
async def test_a_cancel_at_such_a_question_puts_the_file_back(desk: Desk, estate: Estate, verb: str) -> None:
    before = estate.nginx.conf.read_bytes()
    await say(desk, "zhou", f"/{verb} {ADDRESSES['oa3']}")
    await say(desk, "wen", "/confirm R1")
    assert estate.nginx.conf.read_bytes() != before
    told = await say(desk, "zhou", "/cancel R1")
    assert estate.nginx.conf.read_bytes() == before
    assert "配置已恢复原样" in told.text


@pytest.mark.parametrize(("verb", "back"), [("ask-before", True), ("ask-behind", False)])
async def test_who_took_the_yes_dies_and_the_file_is_put_back_unless_it_is_live(
    desk: Desk, estate: Estate, verb: str, back: bool
) -> None:
    before = estate.nginx.conf.read_bytes()
    await say(desk, "zhou", f"/{verb} {ADDRESSES['oa3']}")
    await say(desk, "wen", "/confirm R1")
    step = desk.work.pop()
    await say(desk, "wen", "/resume R1")
    waiting, transactions = await run(desk), desk.app.transactions
    assert await transactions.do("test:take", lambda work: questions.take(work, waiting))
    place = 3 if back else 4
    await transactions.do("test:end", lambda work: store_steps.end_step(work, waiting, place, "done", None, ""))
    await runner(desk.app).recover()
    desk.work.append(step)
    await desk.settle()
    assert (await run(desk)).state is State.UNKNOWN
    assert (estate.nginx.conf.read_bytes() == before) is back
