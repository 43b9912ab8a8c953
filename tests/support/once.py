"""What a process reads once for all its tests: the example organisation, the runbooks, the templates; they are frozen."""

from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app import App
from bot.capabilities import build
from bot.cli.platforms import PLATFORMS
from bot.core.ports import Clock
from bot.settings import Settings
from bot.work.capability import Capability, Services
from data.load.site import load_site
from data.site import Site
from messages.render import Renderer
from runbooks.language.definition import Catalogue
from runbooks.language.load.catalogue import load_catalogue, load_commands
from runbooks.language.load.for_site import site_catalogue
from runbooks.planning.offers import Offers
from tests.support.paths import EXAMPLE


@cache
def example_site() -> Site:
    """The example organisation without a state folder."""
    return load_site(EXAMPLE)


@cache
def renderer(tz: ZoneInfo) -> Renderer:
    """The shipped templates."""
    return Renderer(tz)


@cache
def catalogue() -> Catalogue:
    """The shipped runbooks."""
    return load_catalogue()


def offers(data_dir: Path) -> Offers:
    """The shipped runbooks and those of a data folder, read again when a file there is another; and where they can run."""
    folder = data_dir / "runbooks"
    files = tuple((path, path.read_bytes()) for path in sorted(folder.glob("*.yaml")))
    return _offers(folder if files else EXAMPLE / "runbooks", files)


@cache
def _offers(folder: Path, _files: tuple[tuple[Path, bytes], ...]) -> Offers:
    return Offers(load_commands(folder))


def site_of(data_dir: Path, state_dir: Path, tz: str) -> Site:
    """A site as ``load_site`` reads it; the untouched example comes from the process's own copy."""
    untouched = data_dir == EXAMPLE and not (state_dir / "roster").exists() and str(example_site().tz) == tz
    return example_site() if untouched else load_site(data_dir, state_dir, tz)


def capabilities(settings: Settings) -> tuple[Capability, ...]:
    """What the service can do, on the runbooks that were read already."""
    known = offers(settings.data_dir)
    return build(Services(settings, {site_catalogue: known.catalogue, Offers: known}))


def app(settings: Settings, site: Site, clock: Clock | None = None) -> App:
    """The service on what was read already, not opened yet."""
    return App(settings, lambda: site, clock, capabilities(settings), platforms=PLATFORMS, renderer=renderer(site.tz))
