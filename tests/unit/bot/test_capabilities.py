"""The list of capabilities is whole, and nothing but the list names one."""

import ast
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from bot import sections
from bot.adapters.local import store as local_chat
from bot.app import App
from bot.capabilities import ALL, build, build_all
from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.core.menu import Title
from bot.settings import CapabilitySection, Settings
from bot.storage import tables
from bot.work.capability import Capability, Services
from bot.work.routes import Routes
from bot.work.worker import Worker
from tests.docs.sources import ROOT, modules
from tests.support.desk import make_settings
from tests.support.once import capabilities, example_site, renderer

LISTED = capabilities(Settings(data_dir=ROOT / "data" / "example"))


def test_every_folder_of_handlers_is_on_the_list_once() -> None:
    folders = {path.parent.name for path in (ROOT / "handlers").glob("*/__init__.py")}
    names = Counter(capability.name for capability in LISTED)
    assert set(names.values()) == {1}
    assert folders <= set(names)
    assert len(LISTED) == len(ALL) == len(build_all(Settings(data_dir=ROOT / "data" / "example")))


def test_its_routes_go_by_its_name() -> None:
    for capability in LISTED:
        if capability.routes is None:
            continue
        kinds = [due.name for due in capability.routes.dues] + [tick.job for tick in capability.routes.ticks]
        assert {route.area for route in capability.routes.commands} <= {capability.name}
        assert not capability.routes.commands or capability.title
        assert not [kind for kind in kinds if kind.partition(".")[0] not in {capability.name, "ticket"}]


def test_every_table_has_one_owner() -> None:
    """Those that no capability brings are the framework's and the local chat's."""
    framework = {
        model.__tablename__
        for module in (tables, local_chat)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, SQLModel) and model.__module__ == module.__name__
    }
    brought = Counter(str(row.__tablename__) for capability in LISTED for row in capability.tables)
    assert set(brought.values()) == {1}
    assert brought.keys() & framework == set()
    ours = {name for name in SQLModel.metadata.tables if name in brought or name in framework}
    assert brought.keys() | framework == ours


def test_every_section_of_a_capability_is_read_and_has_one_owner() -> None:
    """The list that the settings are read by has exactly those that the capabilities bring, none under a name that is taken."""
    brought = Counter(kind for capability in LISTED for kind in capability.settings)
    assert brought == Counter(sections.ALL)
    assert len(sections.SECTIONS) == len(sections.ALL)
    assert not sections.SECTIONS.keys() & {*PLATFORMS, *Settings.model_fields}


def test_a_section_that_nothing_would_read_is_refused() -> None:
    class LampSettings(CapabilitySection):
        table = "lamps"

    lamps = Capability("lamps", settings=(LampSettings,))
    with pytest.raises(ConfigError, match=r"lamps: its section \[lamps\] is not in bot/sections.py"):
        build(Services(Settings()), [lambda _: lamps])


def test_nothing_else_names_one() -> None:
    """Of all of ``bot`` only the lists of the capabilities and of their sections do.

    And two ask one for its rules: triage's own command, and the local chat's directory.
    """
    found = set()
    for path, tree in modules("bot"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "handlers":
                found.add(path.relative_to(ROOT).as_posix())
    assert found == {"bot/capabilities.py", "bot/sections.py", "bot/cli/triage.py", "bot/adapters/local/directory.py"}


class Lamp(Worker):
    """A worker that counts how it is treated."""

    name = "lamp"

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def recover(self) -> None:
        self.seen.append("recover")

    async def stop(self, grace: float = 0.0) -> None:
        self.seen.append("stop")


async def test_the_workers_of_a_capability_are_taken_up_and_stopped_with_the_others(tmp_path: Path) -> None:
    lamp, site = Lamp(), example_site()
    lit = Capability("lamps", Title("灯", "Lamps"), workers=(lambda _: lamp,))
    settings = make_settings(tmp_path)
    app = App(settings, lambda: site, capabilities=(lit,), platforms=PLATFORMS, renderer=renderer(site.tz))
    await app.open()
    await app.close()
    assert lamp in app.workers
    assert lamp.seen == ["recover", "stop"]


def test_two_with_the_same_command_are_refused_at_the_start(tmp_path: Path) -> None:
    site = example_site()
    first, second = Routes("one"), Routes("two")
    for routes in (first, second):
        routes.command("same", "同")(lambda _event, _work: None)
    both = (Capability("one", routes=first), Capability("two", routes=second))
    with pytest.raises(ConfigError, match="same"):
        App(make_settings(tmp_path), lambda: site, capabilities=both, platforms=PLATFORMS, renderer=renderer(site.tz))
