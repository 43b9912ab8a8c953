"""Whoever reaches the listener keeps nobody else from it: connections, heads, bodies and idle ones are bounded."""

import asyncio
import contextlib
import gzip
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot import fair_turns, listener
from bot.adapters.common.ingress import body_of
from bot.connection import SMALL, address_of
from bot.fair_turns import AT_WORK
from bot.listener import HELD
from bot.settings import ServerSettings
from bot.storage.store import Store
from bot.web import WebServer
from tests.support.process import Service, recorder, service
from tests.support.until import eventually, until

HALF = b"POST /callback HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-"
BEGUN = b"POST /callback HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n"
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LONG = 3600.0  # a limit that plays no part
A_MINUTES_LOG = 1024 * 1024  # bytes
MEMORY = 64 * 1024  # KiB

Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NoConnections:
    """Ears of a service without long connections."""

    def deaf(self) -> dict[str, str]:
        return {}

    def hears(self) -> dict[str, bool]:
        return {}


@asynccontextmanager
async def listening(folder: Path, mount: Callable[[web.Application], None], **limits: float) -> AsyncIterator[int]:
    """The server on a free port, with these limits alone."""
    given = {"header_seconds": 300.0, "body_seconds": 600.0, "idle_seconds": LONG, **limits}
    store = Store(folder / "zhiban.db")
    store.open()
    server = WebServer(ServerSettings(port=0, **given), store, [mount], NoConnections())
    await server.start()
    try:
        yield server.port
    finally:
        await server.stop()
        await store.close()


def callback(app: web.Application) -> None:
    """A platform's door: it reads the body, whole."""

    async def receive(request: web.Request) -> web.Response:
        return web.json_response({"bytes": len(await body_of(request, seconds=LONG))})

    app.router.add_post("/callback", receive)


@pytest.fixture
def folder(tmp_path: Path, empty_db: Path) -> Path:
    (tmp_path / "zhiban.db").write_bytes(empty_db.read_bytes())
    return tmp_path


async def client(port: int, said: bytes = b"", address: str = "127.0.0.1") -> Client:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    writer.write(said)
    return reader, writer


async def closed(one: Client) -> bytes:
    """What the service said until it closed."""
    with contextlib.suppress(ConnectionError):
        return await one[0].read()
    return b""


@pytest.mark.parametrize(
    ("limit", "said"),
    [("header_seconds", b""), ("header_seconds", HALF), ("body_seconds", BEGUN), ("idle_seconds", WHOLE)],
)
async def test_8_3_whoever_keeps_us_waiting_beyond_the_time_is_let_go(folder: Path, limit: str, said: bytes) -> None:
    async with listening(folder, callback, **{limit: 0.2}) as port:
        reader, writer = await client(port, said)
        if said == WHOLE:
            assert (await reader.readuntil(b'"ok"}')).startswith(b"HTTP/1.1 200")
        assert await closed((reader, writer)) == b""
        writer.close()


async def test_8_3_who_has_kept_us_waiting_longest_gives_way_and_a_whole_request_never_does(folder: Path) -> None:
    go_on = asyncio.Event()

    def held(app: web.Application) -> None:
        async def wait(_request: web.Request) -> web.Response:
            await go_on.wait()
            return web.Response(text="answered")

        app.router.add_get("/held", wait)
        callback(app)

    async with listening(folder, held, per_address=4) as port:
        whole = await client(port, b"GET /held HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        first, *others = [await client(port, HALF) for _ in range(12)]
        assert await closed(first) == b"", "the first half-sent one gave way"
        for _ in range(3):
            health = await client(port, WHOLE)
            assert (await health[0].readline()).startswith(b"HTTP/1.1 200")
            others.append(health)
        go_on.set()
        assert (await whole[0].readuntil(b"answered")).startswith(b"HTTP/1.1 200")
        for _, writer in (whole, first, *others):
            writer.close()


async def test_8_3_whole_requests_are_worked_on_address_by_address(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair_turns, "WORK_SECONDS", LONG)
    go_on = asyncio.Event()
    begun: list[str] = []

    def work(app: web.Application) -> None:
        async def wait(request: web.Request) -> web.Response:
            begun.append(str(request.remote))
            await go_on.wait()
            return web.Response(text="answered")

        app.router.add_get("/work", wait)

    said = b"GET /work HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    async with listening(folder, work) as port:
        many = [await client(port, said * 20, "127.0.0.2") for _ in range(100)]
        await until(lambda: len(begun) == AT_WORK)
        one = await client(port, said, "127.0.0.3")
        for _ in range(3):  # whoever has come meanwhile stands behind it
            many.append(await client(port, said, "127.0.0.2"))
        go_on.set()
        assert (await one[0].readuntil(b"answered")).startswith(b"HTTP/1.1 200")
        assert begun.index("127.0.0.3") <= AT_WORK + 1
        for _, writer in (one, *many):
            writer.close()


async def test_8_3_of_many_requests_sent_at_once_each_is_read_when_the_last_is_answered(folder: Path) -> None:
    posted = b"POST /callback HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s"
    bodies = [b"a", b"bb", b"x" * 40_000, b"", b"ccc"]
    said = b"".join(posted % (len(body), body) + WHOLE for body in bodies)
    async with listening(folder, callback) as port:
        reader, writer = await client(port, said)
        for body in bodies:
            found = await reader.readuntil(b"}")
            assert found.startswith(b"HTTP/1.1 200")
            assert found.endswith(b'\r\n\r\n{"bytes": %d}' % len(body))
            assert (await reader.readuntil(b'"ok"}')).startswith(b"HTTP/1.1 200")
        writer.close()


@pytest.mark.parametrize(
    ("half", "rest"),
    [
        (b"Content-Length: 7\r\n\r\n", b"1234567"),
        (b"content-length:7\r\n\r\n123456", b"7"),
        (b"Transfer-Encoding: chunked\r\n\r\n5\r\n12", b"345\r\n2\r\n67\r\n0\r\n\r\n"),
        (b"transfer-encoding: Chunked\r\n\r\n7\r\n1234567\r\n0\r\n", b"Checked: yes\r\n\r\n"),
        (b"Content-Length: 7\r\nExpect: 100-continue\r\n\r\n", b"1234567"),
    ],
    ids=["no-body", "half-a-body", "half-a-chunk", "no-trailer", "waits-for-our-word"],
)
async def test_8_3_nobody_works_on_a_small_request_before_it_is_whole(folder: Path, half: bytes, rest: bytes) -> None:
    begun: list[str] = []

    def counted(app: web.Application) -> None:
        async def receive(request: web.Request) -> web.Response:
            begun.append(request.method)
            return web.json_response({"bytes": len(await request.read())})

        app.router.add_post("/callback", receive)

    async with listening(folder, counted) as port:
        reader, writer = await client(port, b"POST /callback HTTP/1.1\r\nHost: 127.0.0.1\r\n" + half)
        for _ in range(3):
            health = await client(port, WHOLE)
            assert (await health[0].readline()).startswith(b"HTTP/1.1 200")
            health[1].close()
        assert begun == []
        if b"Expect" in half:
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(rest)
        assert (await reader.readuntil(b"\r\n")) == b"HTTP/1.1 200 OK\r\n"
        assert (await reader.readuntil(b"}")).endswith(b'{"bytes": 7}')
        assert begun == ["POST"]
        writer.close()


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL, SMALL + 1, 900_000])
@pytest.mark.parametrize("way", ["length", "chunked", "expect"])
async def test_every_body_of_an_independent_client_arrives_whole(folder: Path, size: int, way: str) -> None:
    async with (
        listening(folder, callback) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        for _ in range(3):  # over the one connection
            async with session.post(
                "/callback",
                data=b"\r\n" * (size // 2) + b"x" * (size % 2),
                chunked=True if way == "chunked" else None,
                expect100=way == "expect",
            ) as answer:
                assert (answer.status, await answer.json()) == (200, {"bytes": size})


async def test_an_empty_line_behind_a_body_is_no_request(folder: Path) -> None:
    posted = b"POST /callback HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\na"
    async with listening(folder, callback) as port:
        reader, writer = await client(port, posted)
        for more in (b"\r\n", posted, b"\r\n" + posted):
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
            writer.write(more)
            if more == b"\r\n":
                writer.write(posted)
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_8_3_with_all_places_taken_by_whole_requests_one_of_whoever_has_most_gives_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair_turns, "WORK_SECONDS", LONG)
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    def work(app: web.Application) -> None:
        async def wait(_request: web.Request) -> web.Response:
            begun.release()
            await go_on.wait()
            return web.Response(text="answered")

        app.router.add_get("/work", wait)

    said = b"GET /work HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    async with listening(folder, work, connections=AT_WORK + 8, per_address=100) as port:
        many = [await client(port, said, "127.0.0.2") for _ in range(AT_WORK + 8)]
        for _ in range(AT_WORK):
            await begun.acquire()
        health = await client(port, WHOLE, "127.0.0.3")
        ends = [asyncio.create_task(closed(one)) for one in many]
        (gone,), waiting = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        assert gone.result() == b""
        go_on.set()
        assert (await health[0].readline()).startswith(b"HTTP/1.1 200")
        for _, writer in (health, *many):
            writer.close()
        assert len([None for end in waiting if b"answered" in await end]) == AT_WORK + 7


async def test_8_3_who_waits_for_somebody_keeps_no_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_turns, "WORK_SECONDS", 0.0)
    async with listening(folder, callback) as port:
        begun = [await client(port, BEGUN + b"x" * SMALL) for _ in range(2 * AT_WORK)]
        health = await client(port, WHOLE)
        assert (await health[0].readline()).startswith(b"HTTP/1.1 200")
        for _, writer in (health, *begun):
            writer.close()


@pytest.mark.parametrize("long", [0.0, LONG])
async def test_8_3_streams_give_way_where_nothing_else_does_and_short_answers_do_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, long: float
) -> None:
    monkeypatch.setattr(listener, "LONG_SECONDS", long)
    asked = asyncio.Semaphore(0)

    def held(app: web.Application) -> None:
        async def wait(_request: web.Request) -> web.Response:
            asked.release()
            await asyncio.Event().wait()
            return web.Response()

        app.router.add_get("/held", wait)

    async with listening(folder, held, per_address=4) as port:
        many = [await client(port, b"GET /held HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") for _ in range(4)]
        for _ in many:
            await asked.acquire()
        health = await client(port, WHOLE)
        answer = b""
        with contextlib.suppress(ConnectionError):
            answer = await health[0].readline()
        assert answer == (b"" if long else b"HTTP/1.1 200 OK\r\n")
        for _, writer in (*many, health):
            writer.close()


async def test_8_3_all_addresses_together_are_bounded(folder: Path) -> None:
    async with listening(folder, callback, connections=8) as port:
        first, *others = [await client(port, HALF) for _ in range(9)]
        assert await closed(first) == b""
        for _, writer in (first, *others):
            writer.close()


async def test_8_3_bodies_that_never_end_are_not_all_kept(folder: Path) -> None:
    async with listening(folder, callback) as port:
        many = [await client(port, BEGUN + b"x" * 900_000) for _ in range(3 * HELD // 1_000_000)]
        ended = [asyncio.create_task(closed(one)) for one in many]

        async def few_are_left() -> bool:
            return sum(not task.done() for task in ended) * 900_000 <= HELD

        await eventually(few_are_left, 120)
        reader, writer = await client(port, b"POST /callback HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
        assert await reader.readuntil(b'"bytes": 3}')
        for _, other in (*many, (reader, writer)):
            other.close()
        await asyncio.gather(*ended)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "gzip, gzip", "identity"])
async def test_8_3_a_packed_body_is_not_unpacked_for_whoever_comes(folder: Path, encoding: str) -> None:
    """48 kB that hold 50 MB: a hundred of them kept everybody waiting for seconds."""
    bomb = gzip.compress(b"\0" * 50_000_000)
    head = f"POST /callback HTTP/1.1\r\nHost: x\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    async with listening(folder, callback) as port:
        before = resource.getrusage(resource.RUSAGE_SELF)
        clients = [await client(port, head + bomb) for _ in range(20)]
        answers = [await reader.readline() for reader, _ in clients]
        after = resource.getrusage(resource.RUSAGE_SELF)
        for _, writer in clients:
            writer.close()
    assert {int(answer.split()[1]) for answer in answers} == {200 if encoding == "identity" else 415}
    assert after.ru_maxrss - before.ru_maxrss < MEMORY


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        (("10.1.2.3", 5), "10.1.2.3"),
        (("2001:db8:1:2:3:4:5:6", 5, 0, 0), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::1", 9, 0, 0), "2001:db8:1:2::/64"),
        (("::ffff:10.1.2.3", 5, 0, 0), "10.1.2.3"),
        (("fe80::1%eth0", 5, 0, 2), "fe80::/64"),
        ("", "nobody"),
    ],
)
def test_8_3_one_customers_ipv6_network_counts_as_one_address(peer: object, address: str) -> None:
    assert address_of(peer) == address


async def test_8_3_a_thousand_half_sent_requests_stall_nobody_and_fill_neither_log_nor_memory(tmp_path: Path) -> None:
    _room_for(3000)
    with recorder() as platform, service(tmp_path, platform, client_keys=True) as zhiban:
        zhiban.start()
        await zhiban.ready()
        await platform.aim(zhiban.url)
        before = _memory(zhiban)
        attackers = [await client(zhiban.port, HALF) for _ in range(1000)]
        garbage = [await client(zhiban.port, b"G\0T / HTTP/9.9\r\n:::\r\n\r\n") for _ in range(300)]
        async with aiohttp.request("GET", f"{zhiban.url}/healthz") as answer:
            assert answer.status == 200
        await platform.say("e1", "zhou", "duty-room", text="/ping 还在吗")

        async def answered() -> bool:
            return [post["text"] for post in await platform.posts()] == ["pong 还在吗"]

        await eventually(answered, 60)
        ends = [asyncio.create_task(closed(one)) for one in attackers]

        async def most_are_gone() -> bool:
            return sum(end.done() for end in ends) >= 1000 - ServerSettings().per_address

        await eventually(most_are_gone, 60)
        assert _memory(zhiban) - before < MEMORY
        for _, writer in (*attackers, *garbage):
            writer.close()
        await asyncio.gather(*ends)
        assert await zhiban.stop() == 0
        assert len(zhiban.log()) < A_MINUTES_LOG / 100
        assert "times more within" in zhiban.log()


def _room_for(files: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))


def _memory(zhiban: Service) -> int:
    """KiB that the process holds of the machine's memory."""
    assert zhiban.process is not None
    status = Path(f"/proc/{zhiban.process.pid}/status").read_text("ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
