"""No request makes any way in answer 500, and nothing that was taken in makes a handler fail (faults F44, F45)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from bot.storage.tables import InboxRow, InboxState
from tests.soak.fuzz import dingtalk, feishu, mattermost, own, slack, wecom_app, wecom_bot
from tests.soak.fuzz.wire import Request, statuses
from tests.support.once import example_site
from tests.support.platforms.base import FakePlatform
from tests.support.platforms.dingtalk import FakeDingtalk
from tests.support.platforms.feishu import FakeFeishu
from tests.support.platforms.house import NoPlatform, open_house
from tests.support.platforms.mattermost import FakeMattermost
from tests.support.platforms.slack import FakeSlack
from tests.support.platforms.wecom import FakeWecom

WAYS_IN: dict[str, tuple[str, Callable[[], FakePlatform], Callable[[int], Iterator[Request]]]] = {
    "slack": ("slack", FakeSlack, slack.requests),
    "wecom-app": ("wecom", FakeWecom, wecom_app.requests),
    "wecom-bot": ("wecom", FakeWecom, wecom_bot.requests),
    "feishu": ("feishu", FakeFeishu, feishu.requests),
    "dingtalk": ("dingtalk", FakeDingtalk, dingtalk.requests),
    "mattermost": ("mattermost", FakeMattermost, mattermost.requests),
    "local and links": ("local", NoPlatform, own.requests),
}


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("way", sorted(WAYS_IN))
async def test_nothing_answers_500_and_nothing_taken_in_fails(
    way: str, tmp_path: Path, empty_db: Path, pytestconfig: pytest.Config
) -> None:
    platform, make, requests = WAYS_IN[way]
    count = -(-int(pytestconfig.getoption("--fuzz-requests")) // len(WAYS_IN))
    seed = int(pytestconfig.getoption("--fuzz-seed"))
    async with open_house(platform, make(), tmp_path / "state", empty_db, example_site()) as house:
        found = await statuses(house.app.web.port, requests(seed), count)
        while await house.app.dispatcher.step():
            pass
        kept = await house.app.store.read(_states)
    print(f"\n{way}: {dict(sorted(found.items()))}; events {kept}")
    assert found.total() == count
    assert found[200] + found[202] > 0, "nothing valid among them: the test would prove nothing"
    assert found[0] == 0, "a connection was dropped without an answer"
    wrong = [status for status in found if status >= 500 and status != 503]  # 503: too busy just now, please repeat
    assert wrong == []
    assert kept.get(InboxState.DONE.value, 0) > 0
    assert set(kept) == {InboxState.DONE.value}


def _states(session: Session) -> dict[str, int]:
    return dict(session.exec(select(InboxRow.state, func.count()).group_by(InboxRow.state)).all())
