"""The composition root: builds everything from the settings, starts and stops it in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import IO, Any

from bot.adapters.common.heartbeat import Heartbeat
from bot.adapters.common.ingress import Ingress
from bot.adapters.common.link_pages import LinkPages
from bot.adapters.common.platform import Platforms
from bot.console.runs import RunPages
from bot.core.bugs import where
from bot.core.people import Chat
from bot.core.ports import Capabilities, ChatAdapter, Clock
from bot.settings import Settings
from bot.storage.clock import Jumps, SystemClock
from bot.storage.lock import only_one
from bot.storage.schema import prepare
from bot.storage.store import Store
from bot.web import Mount, WebServer
from bot.work.inbox import Inbox
from bot.work.links import Links
from bot.work.routes import RouteTable, freeze
from bot.work.services import Tools
from bot.work.work import Transactions, Work
from bot.workers.auditor import Auditor
from bot.workers.cron import Cron
from bot.workers.dispatcher import Dispatcher
from bot.workers.sender import Sender
from bot.workers.waker import Waker
from data.live import LiveSite
from data.site import SIGNED, Site
from handlers import ALL
from handlers.runs import routes as runs_routes
from messages.render import Renderer
from runbooks.language.definition import Catalogue
from runbooks.language.load.catalogue import load_commands
from runbooks.planning.inventory_check import unfit
from runbooks.remote.ssh import Ssh
from runbooks.runs.worker import Runner

log = logging.getLogger(__name__)
RESTART_SECONDS = 1.0
CLOCK_LOOK = 2.0  # seconds between two looks at the wall clock
WELL_SECONDS = 5.0
CATCH_UP_SECONDS = 5.0
STOP_SECONDS = 8.0
RUN_GRACE = 5.0  # seconds for runs under way to end before the service stops


class App:
    """The service. ``start``/``stop`` for its whole life; tests drive the workers' steps themselves."""

    def __init__(
        self,
        settings: Settings,
        site: Callable[[], Site],
        clock: Clock | None = None,
        *,
        platforms: Platforms,
        catalogue: Catalogue | None = None,
        renderer: Renderer | None = None,
    ) -> None:
        """``catalogue``, ``renderer``: the runbooks and the templates, where the caller has read them already."""
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        catalogue = catalogue or load_commands(settings.data_dir / "runbooks")
        self._catalogue = catalogue
        self.routes: RouteTable = freeze((*ALL, runs_routes.table(catalogue)))
        self._site = site
        renderer = renderer or Renderer(site().tz)
        self.tools = Tools(settings, self.clock, renderer, site, tuple(self.routes.commands.values()))
        self.store = Store(settings.database)
        self.transactions = Transactions(self.store, self.tools)
        self.inbox = Inbox(self.store, self.clock)
        self.adapters, self._mounts, self.background = self._chats(platforms)
        self.tools.capabilities = self._capabilities
        self.dispatcher = Dispatcher(self.store, self.tools, self.routes)
        self.sender = Sender(self.store, self.transactions, self.adapters)
        self.waker = Waker(self.store, self.tools, self.routes)
        self.cron = Cron(self.store, self.transactions, self.routes)
        ssh = settings.ssh
        certificate, agent = ssh.certificate_file, ssh.agent
        self.ssh = Ssh(
            settings.known_hosts, ssh.key_file, ssh.connect_timeout, certificate_file=certificate, agent=agent
        )
        self.runner = Runner(self.transactions, self.ssh, catalogue)
        self.auditor = Auditor(self.store, self.transactions, self.routes)
        self.web = WebServer(settings.server, self.store, self._mounts)
        self._tasks: list[asyncio.Task[None]] = []
        self._lock: IO[str] | None = None

    def _chats(
        self, platforms: Platforms
    ) -> tuple[Mapping[str, ChatAdapter], list[Mount], dict[str, Callable[[], Awaitable[None]]]]:
        adapters: dict[str, ChatAdapter] = {}
        mounts: list[Mount] = []
        background: dict[str, Callable[[], Awaitable[None]]] = {}
        for name in self.settings.adapters:
            platform = platforms[name].adapter()(self.settings, Ingress(name, self.inbox, self.transactions))
            adapters[name] = platform
            mounts.append(platform.mount)
            background |= platform.workers()
        if self.settings.server.public_url:
            self.tools.links = Links(self.settings.server.public_url, self.settings.state_dir)
            mounts.append(LinkPages(self.tools.links, Ingress(SIGNED, self.inbox, self.transactions)).mount)
            door = Ingress("console", self.inbox, self.transactions)
            mounts.append(RunPages(self.tools.links, door, self.store).mount)
        return adapters, mounts, background

    def _capabilities(self, platform: str, chat: Chat) -> Capabilities:
        """What a platform can do in a chat; of one that is not enabled anything, because nothing will be sent."""
        adapter = self.adapters.get(platform)
        return adapter.capabilities(chat) if adapter is not None else Capabilities()

    async def open(self) -> None:
        """Lock the state folder, bring the schema up to date, open the store, take up what a crash left."""
        self._lock = only_one(self.settings.state_dir)
        await asyncio.to_thread(prepare, self.settings.database)
        self.store.open()
        await self.sender.recover()
        await self.runner.recover()

    async def start(self) -> None:
        """Open, start every worker, and serve."""
        await self.open()
        await self._tell_servers_off()
        await self._catch_up()
        workers: dict[str, Callable[[], Awaitable[None]]] = {
            "dispatcher": self.dispatcher.run,
            "sender": self.sender.run,
            "waker": self.waker.run,
            "cron": self.cron.run,
            "auditor": self.auditor.run,
            "runner": self.runner.run,
            "clock": self._watch_clock,
            **self.background,
        }
        if self.settings.heartbeat.url:
            workers["heartbeat"] = Heartbeat(self.settings.heartbeat, self._well).run
        if isinstance(self._site, LiveSite):
            workers["data"] = self._site.run
        self._tasks = [asyncio.create_task(self._keep(name, run), name=name) for name, run in workers.items()]
        await self.web.start()

    async def _tell_servers_off(self) -> None:
        """The duty desk serves on without servers (fault F83): somebody must know, and what to mend."""
        site, catalogue = self.tools.site(), self._catalogue
        off, misfits = (*site.servers_off, *catalogue.faults), unfit(catalogue, site)
        for template, faults in (("ops/servers_off", off), ("ops/runbooks_unfit", misfits)):
            if faults:
                log.error("app: %s: %s", template, "; ".join(faults))
                await self._tell_operators(f"{template}:{self.clock.real().isoformat()}", template, faults=faults)

    async def _catch_up(self) -> None:
        """Fire what came due while we were down before anything is sent: some of what is queued may be moot by now."""
        until = asyncio.get_running_loop().time() + CATCH_UP_SECONDS
        while await self.waker.step() and asyncio.get_running_loop().time() < until:
            pass

    async def stop(self) -> None:
        """Stop intake, then the workers, then the store; what is queued stays queued."""
        await self.web.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.close()

    async def close(self) -> None:
        """Let the sends under way finish and close the store."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.sender.stop()
        except TimeoutError:
            log.warning("app: some sends were still under way; they go again at the next start")
        for adapter in self.adapters.values():
            await adapter.close()
        await self.runner.stop(RUN_GRACE)
        await self.ssh.close()
        await self.store.close()
        if self._lock is not None:
            self._lock.close()

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a worker for ever; one that fails is restarted and the operators are told."""
        while True:
            try:
                await run()
            except Exception as error:
                log.error("app: the %s failed and is restarted: %s", name, where(error))
                await asyncio.sleep(RESTART_SECONDS)
                await self._tell_operators(f"w{name}:{self.clock.real().isoformat()}", "ops/worker_down", worker=name)

    async def _well(self) -> bool:
        """Whether the store commits and nothing is overdue."""
        try:
            async with asyncio.timeout(WELL_SECONDS):
                return await self.web.commits() and await self.auditor.overdue() == 0
        except TimeoutError:
            return False

    async def _watch_clock(self) -> None:
        """Notice a wall clock that jumps; deadlines do not follow it (faults F34 to F36)."""
        jumps = Jumps()
        while True:
            await asyncio.sleep(CLOCK_LOOK)
            jump = self.clock.jump() if isinstance(self.clock, SystemClock) else 0.0
            moved = jumps.news(jump, asyncio.get_running_loop().time())
            if moved is not None:
                log.error("clock: the wall clock jumped by %.0f s", moved)
                await self._tell_operators(f"j{self.clock.real().isoformat()}", "ops/clock_jump", seconds=round(moved))

    async def _tell_operators(self, source: str, template: str, **facts: Any) -> None:
        def tell(work: Work) -> None:
            for operator in work.operators():
                work.say(template, f"dm-{operator.id}", **facts)

        try:
            await self.transactions.do(source, tell)
        except Exception as error:
            log.error("app: the operators could not be told: %s", where(error))
