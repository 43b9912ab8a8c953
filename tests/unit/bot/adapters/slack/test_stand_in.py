"""The stand-in is Slack's kind of server: Slack's own clients, AsyncWebClient and SocketModeClient, get along with it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.platforms.slack import SECRET, FakeSlack
from tests.support.until import until


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    stand_in = FakeSlack()
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
def client(fake: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(token=fake.token, base_url=f"{fake.url}/api/")


async def test_posting_changing_and_looking_back(fake: FakeSlack, client: AsyncWebClient) -> None:
    metadata = {"event_type": "zhiban", "event_payload": {"key": "k"}}
    posted = await client.chat_postMessage(channel="C0SHIFUBAN", text="hi", metadata=metadata)
    await client.chat_update(channel="C0SHIFUBAN", ts=posted["ts"], text="ho")
    read = await client.conversations_history(channel="C0SHIFUBAN", include_all_metadata=True)
    assert [(m["text"], m.get("metadata")) for m in read["messages"]] == [("ho", None)]  # the client says 1, not true
    opened = await client.conversations_open(users="U0ZHOU")
    assert opened["channel"]["id"] == "D0ZHOU"
    assert (await client.auth_test())["bot_id"]


async def test_its_errors_are_slacks(fake: FakeSlack, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.chat_postMessage(channel="C9", text="x")
    await client.chat_postMessage(channel="C0SHIFUBAN", text="x")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await client.chat_postMessage(channel="C0SHIFUBAN", text="too soon")
    for blocks in (
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        [{"type": "actions", "elements": []}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}] * 51,
    ):
        with pytest.raises(SlackApiError, match="invalid_blocks"):
            await client.chat_postMessage(channel="C0MINZHENG", text="x", blocks=blocks)
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await AsyncWebClient(token="xoxb-other", base_url=f"{fake.url}/api/").auth_test()
    fake.fail("429", retry_after=7)
    with pytest.raises(SlackApiError) as raised:
        await client.auth_test()
    assert (raised.value.response.status_code, raised.value.response.headers["Retry-After"]) == (429, "7")


async def test_a_file_in_three_steps(fake: FakeSlack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0SHIFUBAN", text="run R17")
    await client.files_upload_v2(
        channel="C0SHIFUBAN", content="第一行", filename="out.txt", title="输出.txt", thread_ts=posted["ts"]
    )
    assert fake.seen("shifuban")[0].files == ["输出.txt"]
    assert list(fake.uploads.values()) == ["第一行".encode()]


async def test_its_signature_is_good_for_slacks_own_verifier(fake: FakeSlack) -> None:
    body = b'{"type":"event_callback"}'
    headers = fake.signed(body)
    assert SignatureVerifier(SECRET).is_valid_request(body, headers)
    assert not SignatureVerifier("other").is_valid_request(body, headers)


async def test_slacks_socket_client_hears_and_acknowledges(fake: FakeSlack) -> None:
    wired = FakeSlack(socket=True)
    await wired.start()
    heard: list[str] = []

    async def listen(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request.type)
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    web = AsyncWebClient(base_url=f"{wired.url}/api/")
    client = SocketModeClient(app_token=wired.app_token, web_client=web, auto_reconnect_enabled=False)
    client.socket_mode_request_listeners.append(listen)
    try:
        await client.connect()  # type: ignore[no-untyped-call]  # slack_sdk has no types there
        await until(lambda: bool(wired.sockets))
        assert await wired.says("zhou", "shifuban", "收到") == 200
        assert await wired.says("zhou", "shifuban", "/restart oa3") == 200
        assert heard == ["events_api", "slash_commands"]
    finally:
        await client.close()  # type: ignore[no-untyped-call]  # the same
        await wired.stop()
        await asyncio.sleep(0)
