"""``GET /console/runs/R17``: one run with everything, read only, for whoever has a signed link and may see it now.

Without a valid link, for another run, for a person who may no longer see it, and for a run that does not exist the answer is
the same 403: nobody learns which runs there are.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from bot.adapters.common.ingress import TARGET, Ingress
from bot.adapters.common.look import LOOK
from bot.console.html import page
from bot.console.shown import Kept, kept, shown
from bot.core.errors import Refused
from bot.core.people import Person
from bot.storage.store import Store
from bot.work.links import Links
from handlers.runs.rules import check_seen
from runbooks.runs import history
from runbooks.runs.history import Story
from runbooks.runs.run import number_of

_STATIC = {**LOOK, "run.css": Path(__file__).parent / "static" / "run.css"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
}


@dataclass(frozen=True, slots=True)
class _Opened:
    """A run that somebody may see now, and his link to it."""

    story: Story
    reader: Person
    link: str


class RunPages:
    """The routes of the page, its files and its style."""

    def __init__(self, links: Links, ingress: Ingress, store: Store) -> None:
        self._links = links
        self._ingress = ingress
        self._store = store

    def mount(self, app: web.Application) -> None:
        """Add the routes to ``app``."""
        app.router.add_get("/console/runs/{run}", self._ingress.route(self._show))
        app.router.add_get("/console/runs/{run}/files/{name:.+}", self._ingress.route(self._file), allow_head=False)
        app.router.add_get("/console/static/{name}", self._style)

    async def _show(self, request: web.Request) -> web.Response:
        opened = await self._opened(request)
        if opened is None:
            return await self._refused(request)
        tools, run = self._ingress.tools, opened.story.run
        files = await asyncio.to_thread(kept, tools.settings.state_dir, run)
        site, now = tools.site(), tools.clock.real()
        facts = shown(opened.story, site, now, [(file, _address(file, opened.link)) for file in files])
        locale = opened.reader.locale or tools.settings.locale
        return _html(await asyncio.to_thread(page, "run.html", locale, site.tz, facts))

    async def _file(self, request: web.Request) -> web.Response:
        """A file of the run, to be kept and not to be opened here: it is what a server said."""
        opened = await self._opened(request)
        if opened is None:
            return await self._refused(request)
        files = await asyncio.to_thread(kept, self._ingress.tools.settings.state_dir, opened.story.run)
        found = next((file for file in files if file.name == request.match_info["name"]), None)
        if found is None:
            return await self._refused(request)
        disposition = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
        headers = {"Content-Disposition": disposition, "Content-Type": "application/octet-stream"}
        # not a FileResponse: of app.log it would send app.log.gz where both were downloaded
        try:
            file = await asyncio.to_thread(found.path.open, "rb")
        except (OSError, ValueError):  # gone since it was listed
            return await self._refused(request)
        return web.Response(body=file, headers=_HEADERS | headers)

    async def _style(self, request: web.Request) -> web.FileResponse:
        path = _STATIC.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    async def _opened(self, request: web.Request) -> _Opened | None:
        """What the link opens; None unless it is ours, fresh, of this run, and its person may see the run as of now."""
        given, name = request.query.getall("link", []), request.match_info["run"]
        link = self._links.read_page(given[0], self._ingress.tools.clock.real()) if len(given) == 1 else None
        number = number_of(name)
        if link is None or number is None or link.page != f"runs/{name}":
            return None
        reader = self._ingress.tools.site().people.get(link.person)
        story = await self._store.read(lambda session: history.story(session, number))
        if reader is None or story is None:
            return None
        try:
            check_seen(story.run, reader)
        except Refused:
            return None
        return _Opened(story, reader, given[0])

    async def _refused(self, request: web.Request) -> web.Response:
        await self._ingress.refuse("bad_link", request.path[:TARGET])
        tools = self._ingress.tools
        return _html(page("refused.html", tools.settings.locale, tools.site().tz, {}), 403)


def _address(file: Kept, link: str) -> str:
    return f"/console/runs/{file.run}/files/{quote(file.name, safe='')}?link={link}"


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
