"""The composition root: builds everything from the settings, starts and stops it in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.adapters.common.deaf_watch import DeafWatch
from bot.adapters.common.heartbeat import Heartbeat
from bot.adapters.common.ingress import Ingress
from bot.adapters.common.link_pages import LinkPages
from bot.adapters.common.listening import Listening
from bot.adapters.common.platform import Platforms
from bot.capabilities import build_all, routes_of
from bot.console.pages import ConsolePages
from bot.core.bugs import where
from bot.core.errors import ConfigError
from bot.core.events import FileRef
from bot.core.people import Chat
from bot.core.ports import Capabilities, ChatAdapter, Clock, FileSource
from bot.settings import Settings
from bot.storage.clock import SystemClock
from bot.storage.lock import Held, only_one
from bot.storage.schema import prepare
from bot.storage.store import Store, StoreUnavailable
from bot.storage.trouble import Trouble, way_out
from bot.web import Mount, WebServer
from bot.work.capability import Capability
from bot.work.inbox import Inbox
from bot.work.links import Links
from bot.work.routes import RouteTable
from bot.work.runtime import Runtime
from bot.work.work import Transactions
from bot.work.worker import Background, Worker
from bot.workers.anchors import Anchors
from bot.workers.auditor import Auditor
from bot.workers.clock_watch import ClockWatch
from bot.workers.cron import Cron
from bot.workers.dispatcher import Dispatcher
from bot.workers.operators import Operators
from bot.workers.sender import Sender
from bot.workers.store_watch import StoreWatch
from bot.workers.waker import Waker
from data.live import LiveSite
from data.site import SIGNED, Site
from messages.render import Renderer

log = logging.getLogger(__name__)
RESTART_SECONDS = 1.0
WELL_SECONDS = 5.0
CATCH_UP_SECONDS = 5.0
STOP_SECONDS = 8.0  # for what a worker has under way, before the service stops


class App:
    """The service. ``start``/``stop`` for its whole life; tests drive the workers' steps themselves."""

    def __init__(
        self,
        settings: Settings,
        site: Callable[[], Site],
        clock: Clock | None = None,
        capabilities: tuple[Capability, ...] | None = None,
        *,
        platforms: Platforms,
        renderer: Renderer | None = None,
        held: Held | None = None,
    ) -> None:
        """``capabilities``: what the service can do, without them the whole list; ``renderer``: templates read already; ``held``:
        the state folder, where it is locked already."""
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.capabilities = build_all(settings) if capabilities is None else capabilities
        self.routes: RouteTable = routes_of(self.capabilities)
        self._site = site
        self.runtime = self._shared(renderer or Renderer(site().tz))
        self.store = Store(settings.database)
        self.transactions = Transactions(self.store, self.runtime)
        self.operators = Operators(self.transactions)
        self.inbox = Inbox(self.store, self.clock)
        self.connections: list[Listening] = []
        self.adapters, self._mounts, self.background = self._chats(platforms)
        self.deaf_watch = DeafWatch(self.connections, self.transactions)
        self.runtime.capabilities = self._capabilities
        self.runtime.fetch = self._fetch
        self.runtime.delivers = frozenset(n for n, known in self.adapters.items() if isinstance(known, FileSource))
        self.dispatcher = Dispatcher(self.store, self.runtime, self.routes)
        self.sender = Sender(self.store, self.transactions, self.adapters)
        self.waker = Waker(self.store, self.runtime, self.routes)
        self.cron = Cron(self.store, self.transactions, self.routes)
        self.auditor = Auditor(self.store, self.transactions, self.routes)
        self.web = WebServer(settings.server, self.store, self._mounts, self.deaf_watch)
        self.workers: tuple[Worker, ...] = self._workers()
        self._tasks: list[asyncio.Task[None]] = []
        self._lock = held

    def _shared(self, renderer: Renderer) -> Runtime:
        menu = tuple(self.routes.commands.values())
        titles = {capability.name: capability.title for capability in self.capabilities if capability.title}
        return Runtime(self.settings, self.clock, renderer, self._site, menu, titles)

    def _workers(self) -> tuple[Worker, ...]:
        """The framework's own, what the settings ask for, and those of the capabilities."""
        found: list[Worker] = [self.dispatcher, self.cron, self.waker, self.sender, self.auditor]
        found += [ClockWatch(self.clock, self.operators), Anchors(self.store, self.transactions, self.operators)]
        found += self.background
        if self.connections:
            found.append(Background("listening", self.deaf_watch.run))
        found.append(StoreWatch(self.store, self.transactions, self.adapters, self.operators))
        if self.settings.heartbeat.url:
            found.append(Background("heartbeat", Heartbeat(self.settings.heartbeat, self._well).run))
        if isinstance(self._site, LiveSite):
            found.append(Background("data", self._watch(self._site)))
        makers = [make for capability in self.capabilities for make in capability.workers]
        return (*found, *(make(self.transactions) for make in makers))

    def _chats(self, platforms: Platforms) -> tuple[Mapping[str, ChatAdapter], list[Mount], list[Background]]:
        adapters: dict[str, ChatAdapter] = {}
        mounts: list[Mount] = []
        background: list[Background] = []
        for name in self.settings.adapters:
            door = Ingress(name, self.inbox, self.transactions)
            platform = platforms[name].adapter()(self.settings, door)
            self.connections += door.connections
            adapters[name] = platform
            mounts.append(platform.mount)
            background += [Background(worker, run) for worker, run in platform.workers().items()]
        if self.settings.server.public_url:
            self.runtime.links = Links(self.settings.server.public_url, self.settings.state_dir)
            mounts.append(LinkPages(self.runtime.links, Ingress(SIGNED, self.inbox, self.transactions)).mount)
            door = Ingress("console", self.inbox, self.transactions)
            pages = [page for capability in self.capabilities for page in capability.pages]
            mounts.append(ConsolePages(self.runtime.links, door, self.store, pages).mount)
        return adapters, mounts, background

    def _capabilities(self, platform: str, chat: Chat) -> Capabilities:
        """What a platform can do in a chat; of one that is not enabled anything, because nothing will be sent."""
        adapter = self.adapters.get(platform)
        return adapter.capabilities(chat) if adapter is not None else Capabilities()

    async def _fetch(self, platform: str, file: FileRef, limit: int) -> bytes | None:
        adapter: object = self.adapters.get(platform)
        return await adapter.fetch(file, limit) if isinstance(adapter, FileSource) and file.key else None

    async def open(self) -> None:
        """Lock the state folder, bring the schema up to date, open the store, take up what a crash left."""
        self._lock = self._lock or only_one(self.settings.state_dir)
        await asyncio.to_thread(prepare, self.settings.database)
        self.store.open()
        for worker in self.workers:
            await worker.recover()

    async def start(self) -> None:
        """Open, start every worker, and serve. Raises ``ConfigError`` where nothing can be kept."""
        try:
            await self.open()
            await self._tell_problems()
            await self._catch_up()
        except StoreUnavailable as error:
            trouble = self.store.condition.trouble or Trouble.OTHER
            raise ConfigError([way_out(trouble, self.settings.database, error.reason)]) from None
        self._tasks = [asyncio.create_task(self._keep(worker), name=worker.name) for worker in self.workers]
        try:
            await self.web.start()
        except ConfigError:
            await self.stop()  # in order: what the workers have begun is answered, the folder is free again
            raise

    async def _tell_problems(self) -> bool:
        """The duty desk serves on without what a check finds wrong: somebody must know, and what to mend (fault F83).

        Says whether there was anything.
        """
        any_found = False
        for check in (check for capability in self.capabilities for check in capability.checks if check.told):
            found = check.find(self.runtime.site()).problems
            if found:
                log.error("app: %s: %s", check.told, "; ".join(found))
                await self.operators.tell(check.told, check.told, faults=found)
                any_found = True
        return any_found

    def _watch(self, site: LiveSite) -> Callable[[], Awaitable[None]]:
        """Looks at the data folder; what goes wrong there, and that all is well again, is told like at a start."""

        async def told() -> None:
            if not await self._tell_problems():
                await self.operators.tell("data", "ops/servers_on")

        return lambda: site.run(told)

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
        """Let what is under way finish and close the store."""
        for worker in self.workers:
            await worker.stop(STOP_SECONDS)
        for adapter in self.adapters.values():
            await adapter.close()
        await self.store.close()
        if self._lock is not None:
            self._lock.close()

    async def _keep(self, worker: Worker) -> None:
        """Run a worker for ever; one that fails is restarted and the operators are told."""
        while True:
            try:
                await worker.run()
            except Exception as error:
                log.error("app: the %s failed and is restarted: %s", worker.name, where(error))
                await asyncio.sleep(RESTART_SECONDS)
                await self.operators.tell(f"w{worker.name}", "ops/worker_down", worker=worker.name)

    async def _well(self) -> bool:
        """Whether the store commits, nothing is overdue, and every connection hears or did a moment ago."""
        if self.deaf_watch.long_deaf():
            return False
        try:
            async with asyncio.timeout(WELL_SECONDS):
                return await self.web.refusal() is None and await self.auditor.overdue() == 0
        except TimeoutError:
            return False
