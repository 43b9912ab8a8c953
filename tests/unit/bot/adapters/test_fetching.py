"""What people send is fetched with the bot's own right, from the platform alone, and no more of it than may be."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.common.http import Http
from bot.adapters.feishu.api import Api as Feishu
from bot.adapters.feishu.words import files_of as feishu_files
from bot.adapters.matrix.api import Api as Matrix
from bot.adapters.mattermost.api import Api as Mattermost
from bot.adapters.mattermost.words import files_of as mattermost_files
from bot.adapters.slack.api import Api as Slack
from bot.adapters.slack.words import words_of as slack_words
from bot.core.errors import Rejected, Temporary
from bot.core.events import FileRef
from bot.storage.clock import SystemClock

LICENCE = b"\x00\xfflicence"
ID = "f" * 26
PLACES = {
    "slack": "/files-pri/T0-F0/download/new.license",
    "mattermost": f"/api/v4/files/{ID}",
    "matrix": "/_matrix/client/v1/media/download/example.org/abc",
    "feishu": "/open-apis/im/v1/messages/om_1/resources/file_k?type=file",
}
KEYS = {
    "slack": "{base}/files-pri/T0-F0/download/new.license",
    "mattermost": ID,
    "matrix": "mxc://example.org/abc",
    "feishu": "om_1 file_k",
}
Fetch = Callable[[str, int], Awaitable[bytes]]


class Platform:
    """Hands the file to whoever shows the token; ``status`` and ``body`` are what comes next."""

    def __init__(self) -> None:
        self.status, self.body, self.asked = 200, LICENCE, list[str]()

    async def answer(self, request: web.Request) -> web.Response:
        if request.path.endswith("/internal"):
            return web.json_response({"code": 0, "tenant_access_token": "token", "expire": 7200})
        self.asked.append(request.path_qs)
        if request.headers.get("Authorization") != "Bearer token":
            return web.Response(status=401)
        return web.Response(status=self.status, body=self.body, headers={"Location": "http://169.254.169.254/"})


@pytest.fixture
async def platform() -> AsyncIterator[tuple[Platform, str]]:
    served, app = Platform(), web.Application()
    app.router.add_route("*", "/{any:.*}", served.answer)
    async with TestServer(app) as server:
        yield served, str(server.make_url("")).rstrip("/")


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    made = Http()
    yield made
    await made.close()


def fetching(name: str, http: Http, base: str) -> Fetch:
    made: dict[str, Fetch] = {
        "slack": Slack(http, f"{base}/api/", "token").fetch,
        "mattermost": Mattermost(http, base, "token").fetch,
        "matrix": Matrix(http, http, base, "token").fetch,
        "feishu": Feishu(http, base, "cli_a", "secret", SystemClock()).fetch,
    }
    return made[name]


@pytest.mark.parametrize("name", PLACES)
async def test_8_22_a_file_that_was_sent_is_fetched(platform: tuple[Platform, str], http: Http, name: str) -> None:
    served, base = platform
    fetch, key = fetching(name, http, base), KEYS[name].format(base=base)
    assert await fetch(key, len(LICENCE)) == LICENCE
    assert served.asked == [PLACES[name]]
    with pytest.raises(Rejected, match="more than"):
        await fetch(key, len(LICENCE) - 1)
    for status in (302, 403, 404):
        served.status = status
        with pytest.raises(Rejected, match=str(status)):
            await fetch(key, len(LICENCE))
    served.status = 503
    with pytest.raises(Temporary):
        await fetch(key, len(LICENCE))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("slack", "https://evil.example/files-pri/T0-F0/download/new.license"),
        ("slack", "https://files.slack.com.evil.example/x"),
        ("slack", ""),
        ("mattermost", "../users/me"),
        ("matrix", "mxc://example.org/../x"),
        ("matrix", "https://evil.example/x"),
    ],
)
async def test_8_22_the_token_goes_nowhere_else(
    platform: tuple[Platform, str], http: Http, name: str, key: str
) -> None:
    served, base = platform
    with pytest.raises(Rejected):
        await fetching(name, http, base)(key, 100)
    assert served.asked == []


async def test_8_22_slacks_sign_in_page_is_no_file(platform: tuple[Platform, str], http: Http) -> None:
    served, base = platform
    served.body = b"<!DOCTYPE html><html>sign in"
    with pytest.raises(Rejected, match="files:read"):
        await fetching("slack", http, base)(KEYS["slack"].format(base=base), 1000)


def test_8_22_a_file_is_heard_with_what_it_is_fetched_by() -> None:
    private = "https://files.slack.com/files-pri/T0-F0/download/new.license"
    file = {"name": "new.license", "permalink": "https://x.slack.com/files/1", "url_private_download": private}
    assert slack_words({"text": "", "files": [file]}, str).files == (
        FileRef("new.license", file["permalink"], private),
    )
    post = {"metadata": {"files": [{"id": ID, "name": "new.license"}]}}
    assert mattermost_files(post) == (FileRef("new.license", "", ID),)
    content = {"file_name": "new.license", "file_key": "file_k"}
    assert feishu_files("file", content, "om_1") == (FileRef("new.license", "", "om_1 file_k"),)
    assert feishu_files("media", content, "om_1") == (FileRef("new.license", ""),)
