"""``zhiban demo``: the service on the example organisation, local chat, and simulated servers reached over real SSH."""

import argparse
import asyncio
import sys
from pathlib import Path

import data
from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.core.errors import ConfigError
from bot.demo.fleet import start_fleet
from bot.demo.roster import ensure_demo_roster
from bot.demo.window import ANY_HOUR, any_hour
from bot.logs import set_up
from bot.sections import SECTIONS
from bot.serve import serve
from bot.settings import ServerSettings, Settings
from bot.settings_file import load_settings
from bot.storage.clock import demo_clock
from bot.storage.lock import Held, only_one
from data.live import LiveSite
from data.load.site import load_site
from runbooks.remote.settings import SshSettings

EXAMPLE = Path(data.__file__).parent / "example"


def main(args: argparse.Namespace) -> int:
    """Serve the demo until Ctrl-C; its state stays in the state folder."""
    set_up()
    settings: Settings | None = None
    try:
        settings = load_settings(platforms=PLATFORMS, sections=SECTIONS).model_copy(
            update={"data_dir": EXAMPLE, "adapters": ("local",), "server": _server(args.port)}
        )
        asyncio.run(_demo(settings, args.speed))
    except ConfigError as error:
        return refused(error, settings)
    return 0


async def _demo(settings: Settings, speed: float) -> None:
    with only_one(settings.state_dir) as held:  # before anything of the demo that runs there already is touched
        await _serve(settings, speed, held)


async def _serve(settings: Settings, speed: float, held: Held) -> None:
    clock = demo_clock(settings.state_dir, speed)
    example = load_site(settings.data_dir, settings.state_dir, settings.timezone)
    ensure_demo_roster(example, settings.state_dir, example.local(clock.now()).date())
    async with start_fleet(settings.state_dir) as fleet:
        settings = settings.with_section(SshSettings(key_file=fleet.key_file, known_hosts=fleet.known_hosts))
        site = LiveSite(
            lambda: any_hour(fleet.place(load_site(settings.data_dir, settings.state_dir, settings.timezone))),
            (settings.data_dir / "roster", settings.state_dir / "roster"),
        )
        app = App(settings, site, clock, platforms=PLATFORMS, held=held)
        try:
            await serve(app, _ready)
        finally:
            clock.stop()


def _server(port: int) -> ServerSettings:
    """With the address that a browser on this machine has for it, so that pages have links; any free port has none."""
    return ServerSettings(port=port, public_url=f"http://127.0.0.1:{port}" if port else "")


def _ready(app: App) -> None:
    print(f"Zhiban demo: open http://127.0.0.1:{app.web.port} (Ctrl-C ends it)")
    print(f"Upgrades may begin at any hour here: the demo pretends that the change window is {ANY_HOUR}")
    print(f"Other commands: {_program()} --help, from another terminal", flush=True)


def _program() -> str:
    """How this very program is called from a shell here: it is in no PATH unless somebody put it there."""
    program = Path(sys.argv[0])
    return str(program) if program.name == "zhiban" else f"{sys.executable} -m bot"
