"""What is not Slack's is refused with the status that the catalogue states, put on record, and nothing of it is kept.

The rows are the catalogue's (``tests/data/inputs/slack.json``); bad inputs S33 to S35 need handlers and stand in the stories.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier

from tests.support.kit import Kit
from tests.support.paths import INPUTS
from tests.support.platforms.slack import FakeSlack
from tests.unit.bot.adapters.slack.kit import Slack, running

CATALOGUE = json.loads((INPUTS / "inputs" / "slack.json").read_text("utf-8"))
ELSEWHERE = {"S33", "S34", "S35"}
ROWS = [row for row in CATALOGUE["inputs"] if row["id"] not in ELSEWHERE]
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def event(slack: Slack, **changes: Any) -> bytes:
    message = slack.fake.message("zhou", "shifuban", "/restart oa3", ts="1790000000.000100")
    return json.dumps(slack.fake.callback({**message, **changes})).encode()


async def signed(slack: Slack, body: bytes, **more: Any) -> int:
    headers = JSON | slack.fake.signed(body, more.get("at")) | more.get("headers", {})
    return await slack.fake.post(body, {name: value for name, value in headers.items() if value is not None})


async def no_signature(slack: Slack) -> int:
    return await signed(slack, event(slack), headers={"X-Slack-Signature": None})


async def wrong_signature(slack: Slack) -> int:
    return await signed(slack, event(slack), headers={"X-Slack-Signature": "v0=00"})


async def from_the_future(slack: Slack) -> int:
    return await signed(slack, event(slack), at=slack.kit.clock.wall().timestamp() + 301)


async def no_time(slack: Slack) -> int:
    return await signed(slack, event(slack), headers={"X-Slack-Request-Timestamp": None})


async def two_signatures(slack: Slack) -> int:
    body = event(slack)
    headers = [*JSON.items(), *slack.fake.signed(body).items(), ("X-Slack-Signature", "v0=00")]
    async with aiohttp.request("POST", f"{slack.url}/slack/events", data=body, headers=headers) as answer:
        return answer.status


async def replayed(slack: Slack) -> int:
    body = event(slack)
    headers = JSON | slack.fake.signed(body)
    await slack.fake.post(body, headers)
    slack.kit.later(60)
    return await slack.fake.post(body, headers)


async def retried(slack: Slack) -> int:
    body = event(slack)
    await signed(slack, body)
    return await signed(slack, body, headers={"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})


async def reordered(slack: Slack) -> int:
    body = event(slack)
    other = json.dumps(dict(sorted(json.loads(body).items()))).encode()
    assert other != body
    return await slack.fake.post(other, JSON | slack.fake.signed(body))


async def broken_json(slack: Slack) -> int:
    return await signed(slack, b'{"a":')


async def too_deep(slack: Slack) -> int:
    return await signed(slack, b"[" * 100_000)


async def no_number(slack: Slack) -> int:
    return await signed(slack, b'{"event":{"text":NaN}}')


async def two_mebibytes(slack: Slack) -> int:
    return await signed(slack, b"x" * 2 * 1024 * 1024)


async def a_byte_a_second(slack: Slack) -> int:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(60):
            yield b"x"
            await asyncio.sleep(1)

    headers = JSON | slack.fake.signed(b"x")
    async with aiohttp.request("POST", f"{slack.url}/slack/events", data=drip(), headers=headers) as answer:
        return answer.status


def answer_to(url: str) -> Callable[[Slack], Awaitable[int]]:
    async def command(slack: Slack) -> int:
        form = slack.fake.command("zhou", "shifuban", "/restart", "oa3") | {"response_url": url}
        return await slack.fake.deliver(form, form=True)

    return command


async def edited(slack: Slack) -> int:
    inner = {"type": "message", "user": "U0ZHOU", "text": "/restart oa3", "ts": "1790000000.000100"}
    return await signed(slack, event(slack, subtype="message_changed", message=inner, previous_message={"text": "hi"}))


async def other_team(slack: Slack) -> int:
    await slack.identified()
    foreign = {**json.loads(event(slack)), "team_id": "T0OTHER"}
    return await signed(slack, json.dumps(foreign).encode())


async def by_get(slack: Slack) -> int:
    async with aiohttp.request("GET", f"{slack.url}/slack/events") as answer:
        return answer.status


REQUESTS: dict[str, Callable[[Slack], Awaitable[int]]] = {
    "S01": no_signature,
    "S02": wrong_signature,
    "S07": from_the_future,
    "S08": no_time,
    "S09": two_signatures,
    "S10": replayed,
    "S11": retried,
    "S13": reordered,
    "S15": broken_json,
    "S18": too_deep,
    "S20": no_number,
    "S22": two_mebibytes,
    "S24": a_byte_a_second,
    "S25": answer_to("http://169.254.169.254/latest/"),
    "S26": answer_to("https://hooks.slack.com.evil.example/x"),
    "S27": answer_to("https://hooks.slack.com@evil.example/"),
    "S29": edited,
    "S31": other_team,
    "S36": by_get,
}


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
async def test_the_catalogue(slack: Slack, row: dict[str, str]) -> None:
    status = await REQUESTS[row["id"]](slack)
    code = row["code"]
    assert status == (int(code) if code.isdigit() else 400), slack.fake.last_answer
    assert len(await slack.stored()) == (1 if row["expect"] == "dedupe" else 0)
    if not code.isdigit():
        assert code in await slack.refused()
    elif row["expect"] == "reject" and row["id"] != "S36":
        assert await slack.refused(), "one audit row"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com:8443/x",
        "https://user:pw@hooks.slack.com/x",
        "//hooks.slack.com/x",
        "https://hooks.slack.com\\@evil.example/",
        "https://[::1]/",
        "https://[/",
        "ftp://hooks.slack.com/",
    ],
)
async def test_no_other_address_to_answer_to(slack: Slack, url: str) -> None:
    assert await answer_to(url)(slack) == 400
    assert await slack.refused() == ["response_url_not_allowed"]


async def test_slacks_own_address_to_answer_to(slack: Slack) -> None:
    assert await answer_to("https://hooks.slack.com/commands/T1/1/x")(slack) == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"command=%2Frestart&command=%2Fdrain", FORM),
        (b"command=%ff&text=x", FORM),
        (b"payload=%7B", FORM),
        (b"payload=[]", FORM),
        (b"\xff\xfe", FORM),
        (b"", FORM),
        (b"", JSON),
        (b"[]", JSON),
        (b'"x"', JSON),
        (b"\xff{}", JSON),
        (b'{"type":"event_callback","event":{"type":"message","user":"U1","channel":"C1","ts":"1.1","text":"\\ud800"}}', JSON),
        (b'{"type":"event_callback"}', JSON),
        (b'{"type":"event_callback","event":[]}', JSON),
        (b'{"type":"event_callback","event":7}', JSON),
        (b'{"type":"event_callback","event":{"type":"message","user":5}}', JSON),
        (b'{"type":"event_callback","event":{"type":"message","user":"U1","channel":"C1","ts":"99999999999.1"}}', JSON),
        (b'{"type":"event_callback","event":{"type":"message","user":"U1","channel":"C1","ts":"1.1","text":{}}}', JSON),
        (b'{"type":"event_callback","authorizations":7,"event":{}}', JSON),
        (b'{"type":"block_actions","user":5,"actions":{}}', JSON),
        (b'{"type":"block_actions","team":"T0ZHIBAN01","container":{"type":"message"},"actions":[{"action_id":"zhiban"}]}', JSON),
        (b"command=%2Frestart&text=oa3&user_id=U0ZHOU&channel_id=C0SHIFUBAN&trigger_id=%0a", FORM),
        (b"command=restart&text=oa3&user_id=U0ZHOU&channel_id=C0SHIFUBAN&trigger_id=1", FORM),
    ],
    ids=range(22),
)  # fmt: skip
async def test_what_bolt_would_answer_500_is_400(slack: Slack, body: bytes, kind: dict[str, str]) -> None:
    assert await slack.fake.post(body, kind | slack.fake.signed(body)) == 400
    assert (await slack.stored(), await slack.refused()) == (
        [],
        ["bad_body" if b"&command" not in body else "ambiguous"],
    )


@pytest.mark.parametrize(("off", "status"), [(-301, 401), (-300, 200), (300, 200), (301, 401)])
async def test_five_minutes_either_way(slack: Slack, off: int, status: int) -> None:
    """Fault F44: a replay later than that is refused and on record."""
    assert await signed(slack, event(slack), at=slack.kit.clock.wall().timestamp() + off) == status
    assert await slack.refused() == (["stale"] if status == 401 else [])


@pytest.mark.parametrize("stamp", ["abc", "1.5", "-1", "１７９０００００００", "", "9" * 17])
async def test_a_time_that_is_no_number_is_400(slack: Slack, stamp: str) -> None:
    body = event(slack)
    assert await signed(slack, body, headers={"X-Slack-Request-Timestamp": stamp}) == 400


@pytest.mark.parametrize(
    "where",
    [
        {"team_id": "T0OTHER"},
        {"enterprise_id": "E0OTHER"},
        {"team": {"id": "T0OTHER"}},
        {"team_id": 5},
    ],
    ids=str,
)
async def test_another_workspace_or_organisation_is_refused(slack: Slack, where: dict[str, Any]) -> None:
    await slack.identified()
    assert await signed(slack, json.dumps({**json.loads(event(slack)), **where}).encode()) == 403
    assert await slack.stored() == []


async def test_the_workspace_of_the_settings_holds_before_anybody_was_asked(kit: Kit) -> None:
    async with running(kit, FakeSlack(), team_id="T0OTHER") as slack:
        assert await slack.fake.says("zhou", "shifuban", "收到") == 403


def test_the_signature_that_slack_publishes() -> None:
    vectors = json.loads((INPUTS / "inputs" / "slack_signature.json").read_text("utf-8"))
    made = SignatureVerifier(vectors["signing_secret"]).generate_signature(
        timestamp=vectors["timestamp"], body=vectors["body"].encode()
    )
    assert made == vectors["signature"]
