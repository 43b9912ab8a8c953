"""What becomes of a message that was taken up, as the database has it, and what the adapter is given of it."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.core.content import Op, Post
from bot.core.ports import Outgoing
from bot.storage.outbox_rows import Queued
from bot.workers.outbox import Outcome, Served, note, outgoing
from tests.support.kit import Kit

ROW = Queued(
    id=1,
    key="k",
    adapter="local",
    target="shifuban",
    priority=20,
    op="update",
    template="help/pong",
    about=None,
    reply_to="p1",
    post="card",
    body='{"text": "hello", "mentions": [], "files": [], "card": null}',
    attempts=0,
    created_at=datetime(1970, 1, 2, tzinfo=UTC),
    next_try=datetime(1970, 1, 2, tzinfo=UTC),
    uncertain=True,
    error=None,
)


@pytest.mark.parametrize("direct", [True, False])
def test_the_adapter_gets_all_of_it(direct: bool) -> None:
    """A day after 1970 began, in ms: 86,400,000."""
    assert outgoing(ROW, "oc_1", "p2", direct=direct) == Outgoing(
        chat="shifuban",
        address="oc_1",
        direct=direct,
        op=Op.UPDATE,
        client_key="k.86400000",
        post=Post("hello"),
        message="p2",
        reply_to="p1",
        repeated=True,
    )


async def test_what_was_sent_is_noted_with_its_time(kit: Kit) -> None:
    await kit.say("shifuban", "1")
    now = kit.clock.real() + timedelta(seconds=5)
    served = Served(ROW.place, [Outcome(ROW, sent="p7")], [])
    assert await kit.store.write(partial(note, finished=[served], owner="me", now=now)) == []
    assert await kit.column("SELECT state || platform_id FROM outbox") == ["sentp7"]
    assert await kit.column("SELECT sent_at > created_at FROM outbox") == [1]
