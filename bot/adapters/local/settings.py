"""``[local]``: the local chat, which has no sign-in."""

from urllib.parse import urlsplit

from bot.core.problems import Told
from bot.settings import PlatformSection, ServerSettings, is_loopback


class LocalSettings(PlatformSection):
    """``open``: everybody at this machine may speak as anybody; there is no other way yet, and none that opens it wider."""

    platform = "local"

    open: bool = True

    def faults_in_use(self, server: ServerSettings) -> list[Told]:
        """The door stands on loopback only, and nobody is invited to it from elsewhere (decisions: Doors)."""
        faults = []
        if not self.open:
            faults.append(Told("settings/local_closed"))
        if not is_loopback(server.host):
            faults.append(Told("settings/local_host"))
        if server.public_url and not is_loopback(urlsplit(server.public_url).hostname or ""):
            faults.append(Told("settings/local_public"))
        return faults
