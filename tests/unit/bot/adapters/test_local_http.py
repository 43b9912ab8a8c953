"""The local chat's interface is what the contract says it is (contract: HTTP), through sockets, on the running service."""

import asyncio
import gzip
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.unit.bot.adapters.conftest import Http

pytestmark = pytest.mark.asyncio(loop_scope="module")
SPEAK = "/local/chats/shifuban/messages"
FIELDS = {"id", "at", "user", "text", "reply_to", "buttons", "mentions", "files", "updated"}


async def test_what_is_said_is_accepted_shown_and_answered(http: Http) -> None:
    said = await http.say("gongxin", "lixiao", "/ping 早上好")
    answer = await http.heard("gongxin", "pong 早上好")
    messages, _ = await http.read("gongxin")
    assert [(m["user"], m["text"]) for m in messages[:2]] == [("lixiao", "/ping 早上好"), ("bot", "pong 早上好")]
    assert messages[0]["id"] == said == answer["reply_to"]
    assert all(set(m) >= FIELDS for m in messages)


async def test_the_same_id_again_changes_nothing(http: Http) -> None:
    ids = {await http.say("tongji", "zhou", "/ping once", id="mine-1") for _ in range(3)}
    await asyncio.gather(*(http.say("tongji", "zhou", "/ping once", id="mine-1") for _ in range(5)))
    await http.say("tongji", "zhou", "/ping last")
    await http.heard("tongji", "pong last")
    messages, _ = await http.read("tongji")
    assert ids == {"mine-1"}
    assert [m["text"] for m in messages if "once" in m["text"]] == ["/ping once", "pong once"]


@pytest.mark.parametrize(
    ("chat", "user", "text"), [("gongxin", "zhou", "a"), ("tongji", "wen", "a"), ("tongji", "zhou", "b")]
)
async def test_the_id_of_another_message_is_refused_and_not_swallowed(
    http: Http, chat: str, user: str, text: str
) -> None:
    await http.say("tongji", "zhou", "a", id="taken-1")
    status, answer = await http.post(f"/local/chats/{chat}/messages", {"user": user, "text": text, "id": "taken-1"})
    assert status == 409
    assert "id" in answer["error"]


async def test_a_tap_with_the_id_of_another_is_refused_and_the_same_again_is_not(http: Http) -> None:
    await http.say("tongji", "sun", "/help")
    messages: list[dict[str, Any]] = []
    while not (offers := [(m["id"], b["action"]) for m in messages if m["user"] == "bot" for b in m["buttons"]]):
        messages, _ = await http.read("tongji", wait=1)
    message, action = offers[0]
    tap = {"user": "sun", "message": message, "action": action, "id": "tap-1"}
    assert [(await http.post("/local/taps", tap))[0] for _ in range(2)] == [202, 202]
    assert (await http.post("/local/taps", {**tap, "user": "wu"}))[0] == 409
    status, _ = await http.post("/local/chats/tongji/messages", {"user": "sun", "text": "x", "id": "tap-1"})
    assert status == 409


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://through.a.proxy"}, 403),
        ({}, 202),
    ],
)
async def test_a_page_of_another_site_speaks_for_nobody(http: Http, headers: dict[str, str], status: int) -> None:
    got, _ = await http.post(SPEAK, {"user": "zhou", "text": "/ping other site"}, headers=headers)
    assert got == status
    tapped, _ = await http.post("/local/taps", {"user": "zhou", "message": "none", "action": "x"}, headers=headers)
    assert tapped == (403 if status == 403 else 404)


async def _asked(http: Http, target: str, *headers: str, version: str = "1.1") -> int:
    """The status of a request written out by hand: a client would put a Host and headers of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", http.app.web.port)
    lines = [f"GET {target} HTTP/{version}", *headers, "Connection: close", "", ""]
    writer.write("\r\n".join(lines).encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    return status


LOCAL_PAGES = [
    "/",
    "/local/directory",
    "/local/chats/shifuban/messages",
    "/local/time",
    "/local/stream",
    "/local/attachments/x/0",
]


@pytest.mark.parametrize("target", LOCAL_PAGES)
@pytest.mark.parametrize(
    "host", ["evil.example", "duty.example.gov:443", "10.154.54.58", "localhost.evil.example", "0.0.0.0", ""]
)
async def test_8_1_a_name_bound_to_this_machine_reads_nothing(http: Http, target: str, host: str) -> None:
    assert await _asked(http, target, f"Host: {host}") == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.9:1", "[::1]", "[::1]:8080"])
async def test_8_1_this_machine_is_answered_by_any_of_its_names(http: Http, host: str) -> None:
    assert await _asked(http, "/local/time", f"Host: {host}") == 200


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For: 203.0.113.9",
        "x-forwarded-proto: https",
        "X-Forwarded-Host: duty.example.gov",
        "Forwarded: for=203.0.113.9",
        "Via: 1.1 proxy",
        "X-Real-IP: 203.0.113.9",
        "X-Original-Forwarded-For: 203.0.113.9",
        "X-Cluster-Client-Ip: 203.0.113.9",
        "Client-IP: 203.0.113.9",
        "WL-Proxy-Client-IP: 203.0.113.9",
        "X-Envoy-External-Address: 203.0.113.9",
        "X-Original-URL: /duty",
        "X-Scheme: https",
        "Front-End-Https: on",
        "X-ARR-SSL: 2048",
        "CF-RAY: 8f",
        "CDN-Loop: cloudflare",
        "Ali-CDN-Real-IP: 203.0.113.9",
        "Fly-Client-IP: 203.0.113.9",
        "Tailscale-User-Login: qin@example.gov",
        "Remote-User: qin",
        "X-Auth-Request-Email: qin@example.gov",
        "SSL-Client-Verify: NONE",
        "X-Amzn-Trace-Id: Root=1",
        "X-Varnish: 7",
        "X-BlueCoat-Via: 7",
        "Surrogate-Capability: a=ESI/1.0",
        "Early-Data: 1",
        "X-Request-Id: 7",
    ],
)
async def test_8_1_who_comes_through_a_proxy_is_refused(http: Http, header: str) -> None:
    assert await _asked(http, "/local/directory", "Host: 127.0.0.1", header) == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["Sec-Fetch-Site: same-origin", "Referer: https://duty.example.gov/"], 403),  # a proxy that adds nothing
        (["Sec-Fetch-Site: same-origin", "Referer: http://127.0.0.1/"], 200),
        (["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"], 403),
        (["Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors"], 403),
        (["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Referer: https://wiki.example.gov/"], 200),
        (["Origin: https://127.0.0.1"], 403),  # encrypted on the way, and not by us
        (["Origin: http://127.0.0.1", "Origin: http://evil.example"], 403),
        (["Origin: https://evil.example", "Upgrade: websocket"], 403),
        (["X-Requested-With: XMLHttpRequest", "DNT: 1", "Sec-GPC: 1", "Priority: u=1"], 200),
        (["Proxy-Connection: keep-alive"], 200),
    ],
)
async def test_8_1_only_our_own_page_reads(http: Http, headers: list[str], status: int) -> None:
    assert await _asked(http, "/local/directory", "Host: 127.0.0.1", *headers) == status


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.nip.io",
        "localhost.",
        "localhost.localdomain",
        "foo.localhost",
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "[::ffff:10.0.0.1]",
        "[::]",
        "[::1].evil.example",
        "127.0.0.1@evil.example",
        "evil.example:pw@127.0.0.1",
        "127.0.0.1, evil.example",
        "localhost#.evil.example",
    ],
)
async def test_8_1_what_only_looks_like_this_machine_is_none_of_its_names(http: Http, host: str) -> None:
    assert await _asked(http, "/local/directory", f"Host: {host}") in {400, 403}


async def test_8_1_nginx_as_it_comes_speaks_http_1_0_to_what_is_behind_it(http: Http) -> None:
    assert await _asked(http, "/local/directory", "Host: 127.0.0.1", version="1.0") == 403


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/local/chats/nowhere/messages", {"user": "zhou", "text": "x"}, 404),
        (SPEAK, {"user": "nobody", "text": "x"}, 404),
        ("/local/chats/dm-wen/messages", {"user": "zhou", "text": "x"}, 403),
        (SPEAK, {"text": "x"}, 400),
        (SPEAK, {"user": ["zhou"], "text": "x"}, 400),
        (SPEAK, {"user": "zhou", "text": "  "}, 400),
        (SPEAK, {"user": "zhou", "text": 7}, 400),
        (SPEAK, {"user": "zhou", "text": "x", "id": "b-1"}, 400),
        (SPEAK, {"user": "zhou", "text": "x", "id": "a b"}, 400),
        (SPEAK, {"user": "zhou", "text": "x", "reply_to": "../x"}, 400),
        (SPEAK, {"user": "zhou", "text": "x", "files": [{"name": "a", "url": "http://evil/x"}]}, 400),
        (SPEAK, ["zhou", "x"], 400),
        (SPEAK, b"{", 400),
        (SPEAK, b"\xff\xfe", 400),
        (SPEAK, b"[" * 100_000, 400),
        (SPEAK, b'{"user": "zhou", "text": "\\ud800"}', 400),
        (SPEAK, {"user": "zhou", "text": "x" * 20_001}, 413),
        (SPEAK, b'{"user": "zhou", "text": "' + b"x" * 1_100_000 + b'"}', 413),
        ("/local/taps", {"user": "zhou", "message": "nothing", "action": "x"}, 404),
        ("/local/taps", {"user": "zhou", "action": "x"}, 400),
    ],
)
async def test_what_is_not_of_the_form_is_refused_with_a_line(http: Http, path: str, body: Any, status: int) -> None:
    got, answer = await http.post(path, io.BytesIO(body) if isinstance(body, bytes) else body)
    assert got == status
    assert set(answer) == {"error"}
    assert answer["error"]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=" + "9" * 30, "wait=1e9", "after=%EF%BC%95", "after=99999999999999999999"]
)
async def test_a_cursor_that_is_no_number_is_refused(http: Http, query: str) -> None:
    status, answer = await http.get(f"{SPEAK}?{query}")
    assert status == 400
    assert answer["error"]


async def test_nothing_was_stored_of_what_was_refused(http: Http) -> None:
    await http.post(SPEAK, {"user": "nobody", "text": "a stranger's words"})
    messages, _ = await http.read("shifuban")
    assert "a stranger's words" not in [m["text"] for m in messages]


async def test_a_long_poll_answers_as_soon_as_something_is_said(http: Http) -> None:
    _, cursor = await http.read("duty-room")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    waiting = asyncio.create_task(http.read("duty-room", cursor, wait=30))
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    await http.say("duty-room", "zhou", "在")
    messages, following = await waiting
    assert [m["text"] for m in messages] == ["在"]
    assert following > cursor
    assert loop.time() - begun < 10


async def test_a_long_poll_ends_empty_after_its_time_with_the_same_cursor(http: Http) -> None:
    _, cursor = await http.read("xiling")
    assert await http.read("xiling", cursor, wait=1) == ([], cursor)


async def test_the_stream_tells_every_chat_and_goes_on_behind_a_cursor(http: Http) -> None:
    async with http.session.get("/local/stream?user=wen") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        await event(stream)
        await http.say("dm-zhou", "zhou", "a private word")
        await http.say("weijian", "su", "first")
        first_id, first = await event(stream)
        await http.say("donghu", "su", "second")
        _, second = await event(stream)
    assert (first["chat"], first["message"]["text"]) == ("weijian", "first")
    assert (second["chat"], second["message"]["text"]) == ("donghu", "second")
    async with http.session.get("/local/stream?user=wen", headers={"Last-Event-ID": first_id}) as stream:
        await event(stream)
        _, again = await event(stream)
    assert again["message"]["text"] == "second"


@pytest.mark.parametrize("last", ["x", "-1", "9" * 40])
async def test_a_stream_with_a_senseless_cursor_begins_now(http: Http, last: str) -> None:
    async with http.session.get("/local/stream", headers={"Last-Event-ID": last}) as stream:
        assert stream.status == 200
        await event(stream)
        await http.say("jiaoyu", "su", f"after {last[:3]}")
        _, heard = await event(stream)
    assert heard["message"]["text"] == f"after {last[:3]}"


async def test_a_tap_does_what_its_button_says_and_only_that(http: Http) -> None:
    """A message that offers a button is made by an open report."""
    await http.say("guozi", "wu", "OA 打不开了，所有人都登不上")
    person, card = await buttoned(http)
    action = card["buttons"][0]["action"]
    status, answer = await http.post("/local/taps", {"user": person, "message": card["id"], "action": "drop:all"})
    assert (status, set(answer)) == (400, {"error"})
    status, answer = await http.post("/local/taps", {"user": person, "message": card["id"], "action": action})
    assert status == 202
    assert answer["id"]


async def test_a_file_goes_up_and_comes_down_as_a_download_only(http: Http) -> None:
    """Nothing that was sent may run in the page: always an attachment, never sniffed."""
    body = b"<script>alert(1)</script>"
    form = aiohttp.FormData(quote_fields=False)  # as a browser sends it
    form.add_field("file", body, filename="../../x 盖章.html", content_type="text/html")
    async with http.session.post("/local/files", data=form) as answer:
        assert answer.status == 200
        file = await answer.json()
    assert file["name"] == "x 盖章.html"
    message_id = await http.say("fangkong", "zhou", "", files=[file])
    messages, _ = await http.read("fangkong")
    assert [m["files"] for m in messages if m["id"] == message_id] == [[file]]
    async with http.session.get(file["url"]) as answer:
        assert await answer.read() == body
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("日志" * 60, "日志" * 33), ("..", "file"), ("a\u200bb.txt", "ab.txt"), (" ", "file")],
)
async def test_whatever_a_file_is_called_it_is_kept(http: Http, given: str, kept: str) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", b"x", filename=given)
    async with http.session.post("/local/files", data=form) as answer:
        assert answer.status == 200
        file = await answer.json()
    async with http.session.get(file["url"]) as answer:
        assert (await answer.read(), file["name"][:66]) == (b"x", kept)


async def test_a_file_is_not_mistaken_for_its_packed_twin(http: Http) -> None:
    folder = http.app.runtime.settings.state_dir / "files" / ("a" * 32)
    folder.mkdir(parents=True)
    (folder / "app.log").write_bytes(b"plain")
    (folder / "app.log.gz").write_bytes(gzip.compress(b"packed"))
    async with http.session.get(f"/local/files/{'a' * 32}/app.log", headers={"Accept-Encoding": "gzip"}) as answer:
        assert await answer.read() == b"plain"


@pytest.mark.parametrize(
    "path",
    [
        "/local/files/" + "0" * 32 + "/x",
        "/local/files/" + "0" * 32 + "/..%2F..%2Fzhiban.db",
        "/local/files/../../zhiban.db",
        "/local/files/" + "0" * 32 + "/a%00b",
        "/local/files/" + "0" * 32 + "/" + "x" * 300,
        "/local/attachments/nothing/0",
    ],
)
async def test_a_file_that_was_not_sent_is_not_there(http: Http, path: str) -> None:
    (http.app.runtime.settings.state_dir / "files" / ("0" * 32)).mkdir(parents=True, exist_ok=True)
    async with http.session.get(path) as answer:
        assert answer.status == 404


async def test_a_file_that_is_too_large_is_refused(http: Http) -> None:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(bytes(10 * 1024 * 1024 + 1)), filename="big.bin")
    async with http.session.post("/local/files", data=form) as answer:
        assert answer.status == 413


async def test_the_directory_names_who_can_speak_and_where(http: Http) -> None:
    _, directory = await http.get("/local/directory")
    chats = {chat["id"]: chat for chat in directory["chats"]}
    people = {person["id"]: person for person in directory["people"]}
    assert (chats["shifuban"]["name"], chats["shifuban"]["post"]) == ("市府办交流群", "shifu")
    assert chats["duty-room"]["post"] is None
    assert (people["hemu"]["name"], people["hemu"]["team"], people["hemu"]["roles"]) == (
        "何牧",
        "B",
        ["engineer", "lead"],
    )
    assert all("phone" not in person for person in directory["people"])


async def test_8_27_a_group_names_who_is_in_it(http: Http) -> None:
    """Members as ``chats.yaml`` has them, the engineers and the lead of its post; nobody of another team or office."""
    _, directory = await http.get("/local/directory")
    members = {chat["id"]: set(chat["members"]) for chat in directory["chats"]}
    assert {"lixiao", "zhao", "zhou", "wen", "qiao", "hemu"} <= members["shifuban"]
    assert members["shifuban"].isdisjoint({"sun", "wu", "qian"})
    assert {"su", "tang", "meng", "fang"} <= members["xiling"]
    assert "lixiao" not in members["duty-room"]


async def test_8_27_the_commands_are_those_of_the_person(http: Http) -> None:
    async def verbs(user: str) -> dict[str, dict[str, Any]]:
        _, found = await http.get(f"/local/commands?user={user}")
        return {command["verb"]: command for command in found["commands"]}

    engineer, reporter, nobody = await verbs("zhou"), await verbs("lixiao"), await verbs("no-such-person")
    assert engineer["extend-disk"] == {
        "verb": "extend-disk",
        "alias": "磁盘扩容",
        "usage": "oa1 sdb 10G",
        "title": {"zh": "磁盘扩容", "en": "Extend a disk"},
    }
    assert engineer["claim"]["title"] == {"zh": "我来处理这个工单", "en": "you take this ticket"}
    assert [verb for verb, command in engineer.items() if not all(command["title"].values())] == []
    assert {"fault", "status", "help"} <= set(reporter)
    assert set(reporter).isdisjoint({"drain", "restart", "confirm", "claim"})
    assert set(nobody) <= set(reporter)


async def test_the_page_runs_its_own_scripts_only(http: Http) -> None:
    async with http.session.get("/") as page:
        assert page.status == 200
        policy = page.headers["Content-Security-Policy"]
        text = await page.text()
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "onclick=" not in text


async def test_health_metrics_and_unknown_addresses(http: Http) -> None:
    assert await http.get("/healthz") == (200, {"status": "ok"})
    assert await http.get("/readyz") == (200, {"ready": True})
    async with http.session.get("/metrics") as answer:
        assert "zhiban_inbox_waiting" in await answer.text()
    assert (await http.get("/nothing"))[0] == 404


@pytest.mark.usefixtures("intake_in_time")
async def test_health_is_red_and_intake_busy_while_the_database_is_locked(http: Http) -> None:
    """Within a second, and well again by itself (faults F24, F25)."""
    other = sqlite3.connect(Path(http.app.settings.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        health, speech = await asyncio.gather(
            http.get("/healthz"), http.post(SPEAK, {"user": "zhou", "text": "/ping after", "id": "locked-1"})
        )
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert (health[0], speech[0]) == (503, 503)
    await http.say("shifuban", "zhou", "/ping after", id="locked-1")
    await http.heard("shifuban", "pong after")
    assert (await http.get("/healthz"))[0] == 200
    messages, _ = await http.read("shifuban")
    assert [m["text"] for m in messages].count("pong after") == 1


async def event(stream: aiohttp.ClientResponse) -> tuple[str, dict[str, Any]]:
    """The next event of a stream: its id and data (the greeting has none)."""
    async with asyncio.timeout(20):
        fields: dict[str, str] = {}
        while True:
            line = (await stream.content.readline()).decode().rstrip("\n")
            if not line and "id" in fields:
                return fields["id"], json.loads(fields.get("data", "{}"))
            name, _, value = line.partition(": ")
            fields[name] = value


async def buttoned(http: Http) -> tuple[str, dict[str, Any]]:
    """A message that has a button, and to whom it was said alone."""
    async with asyncio.timeout(20):
        while True:
            for person in http.app.runtime.site().people:
                for message in (await http.read(f"dm-{person}"))[0]:
                    if message["buttons"]:
                        return person, message
            await asyncio.sleep(0.05)
