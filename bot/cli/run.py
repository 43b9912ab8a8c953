"""``zhiban run``: the service."""

import argparse
import asyncio

from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.core.errors import ConfigError
from bot.logs import set_up
from bot.sections import SECTIONS
from bot.serve import serve
from bot.settings import Settings
from bot.settings_file import load_settings
from bot.storage.lock import make_private
from data.live import LiveSite
from data.load.desk import load_desk


def main(args: argparse.Namespace) -> int:
    """Serve until SIGTERM; 2 when settings, data or state do not allow a start, one plain line a fault."""
    set_up()
    settings: Settings | None = None
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
        make_private(settings.state_dir)
        asyncio.run(serve(App(settings, live_site(settings), platforms=PLATFORMS), _ready))
    except ConfigError as error:
        return refused(error, settings)
    return 0


def live_site(settings: Settings) -> LiveSite:
    """The organisation, loaded anew when a file of it changes."""
    folders = (settings.data_dir, settings.data_dir / "roster", settings.state_dir / "roster")
    where = (settings.data_dir, settings.state_dir, settings.timezone, settings.locale)
    return LiveSite(lambda: load_desk(*where), folders)


def _ready(app: App) -> None:
    print(f"Zhiban is ready on http://{app.settings.server.host}:{app.web.port}", flush=True)
