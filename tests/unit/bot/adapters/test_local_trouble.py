"""The local chat on a disk that is full, and with names that no file can have."""

from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.settings import ServerSettings, Settings
from bot.storage.store import StoreUnavailable
from tests.support.once import example_site
from tests.support.paths import EXAMPLE
from tests.support.small_disk import fill, make_room, small_disk
from tests.unit.bot.adapters.conftest import Http
from tests.unit.bot.storage.test_store import limit_pages

pytestmark = pytest.mark.asyncio(loop_scope="module")
SPEAK = "/local/chats/shifuban/messages"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


async def test_8_24_health_is_red_with_its_cause_as_long_as_reports_are_refused_for_want_of_room(http: Http) -> None:
    await http.app.store.write(lambda tx: limit_pages(tx, 0))
    report = {"user": "zhou", "text": "盖章点了没反应" + "，" * 19_000}
    try:
        answers = [(await http.post(SPEAK, {**report, "id": f"full-{n}"}))[0] for n in range(3)]
        health = await http.get("/healthz")
    finally:
        await http.app.store.write(lambda tx: limit_pages(tx, 100_000))
    assert answers == [503] * 3
    assert health == (503, {"status": "down", "store": "the disk is full"})
    assert await http.get("/healthz") == (200, {"status": "ok"})
    assert (await http.post(SPEAK, {**report, "id": "full-1"}))[0] == 202


async def test_8_24_health_tells_the_cause_of_its_own_refusal_though_another_write_has_gone_well(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> None:
        http.app.store.condition.went_well()  # somebody else's, which was small enough
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(http.app.store, "write", refused)
    assert await http.get("/healthz") == (503, {"status": "down", "store": "the disk is full"})


@pytest.mark.parametrize(
    "path", ["/local/static/a%00b", "/local/static/" + "a" * 300, f"/local/files/{'a' * 32}/x%00y"]
)
async def test_8_24_a_name_that_no_file_can_have_is_not_found(http: Http, path: str) -> None:
    async with http.session.get(URL(f"http://127.0.0.1:{http.app.web.port}{path}", encoded=True)) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    "body",
    [
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a\0b.txt"\r\n\r\nhello\r\n--b--\r\n',
        b"--b\r\nno header at all\r\n\r\nhello\r\n--b--\r\n",
        b"nothing of the kind",
        b"",
    ],
    ids=["zero byte", "no header", "no parts", "empty"],
)
async def test_8_24_an_upload_that_is_none_is_told_so(http: Http, body: bytes) -> None:
    async with http.session.post("/local/files", data=body, headers=MULTIPART) as answer:
        assert (answer.status, await answer.json()) == (400, {"error": 'send one multipart field "file"'})


async def test_8_24_a_service_on_a_disk_that_fills_says_so_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """The real thing: every report that was taken is there afterwards, and none that was refused was said to be taken."""
    with small_disk(tmp_path / "disk", "8m") as folder:
        settings = Settings(data_dir=EXAMPLE, state_dir=folder / "var", server=ServerSettings(port=0))
        app = App(settings, example_site, platforms=PLATFORMS)
        await app.start()
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{app.web.port}") as session:
                http = Http(app, session)
                fill(folder)
                report = {"user": "zhou", "text": "字" * 6_000}
                taken = []
                for n in range(2_000):
                    status, _ = await http.post(SPEAK, {**report, "id": f"r{n}"})
                    if status == 503:
                        break
                    taken.append(f"r{n}")
                health = await http.get("/healthz")
                make_room(folder)
                assert health == (503, {"status": "down", "store": "the disk is full"})
                assert (await http.post(SPEAK, {**report, "id": "after"}))[0] == 202
                assert (await http.get("/healthz"))[0] == 200
                read, cursor = await http.read("shifuban")
                while more := (await http.read("shifuban", cursor))[0]:
                    read, cursor = [*read, *more], (await http.read("shifuban", cursor))[1]
                spoken = {m["id"] for m in read if m["user"] == "zhou"}
                assert {*taken, "after"} <= spoken
        finally:
            await app.stop()
