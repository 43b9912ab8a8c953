"""The list of the sections of ``zhiban.toml`` that capabilities bring, each in its folder's ``settings.py``.

It stands apart from the list of capabilities because every command reads the settings and most need no capability: what is
imported here imports nothing but ``bot.settings``.
"""

from collections.abc import Mapping

from bot.settings import CapabilitySection
from handlers.duty.settings import DutySettings
from handlers.faults.settings import ReportsSettings
from runbooks.remote.settings import SshSettings
from runbooks.runs.settings import RunsSettings

ALL: tuple[type[CapabilitySection], ...] = (
    SshSettings,
    RunsSettings,
    DutySettings,
    ReportsSettings,
)
SECTIONS: Mapping[str, type[CapabilitySection]] = {kind.table: kind for kind in ALL}
