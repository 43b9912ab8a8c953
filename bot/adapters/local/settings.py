"""``[local]``: the local chat, which has no sign-in."""

from urllib.parse import urlsplit

from bot.settings import PlatformSection, ServerSettings, is_loopback


class LocalSettings(PlatformSection):
    """``open``: everybody at this machine may speak as anybody; there is no other way yet, and none that opens it wider."""

    platform = "local"

    open: bool = True

    def faults_in_use(self, server: ServerSettings) -> list[str]:
        """The door stands on loopback only, and nobody is invited to it from elsewhere (decisions: Doors)."""
        faults = []
        if not self.open:
            faults.append(
                "local.open: nobody can sign in to the local chat, so it is open or not there; take local out of adapters"
            )
        if not is_loopback(server.host):
            faults.append(
                "local: the local chat has no sign-in, so server.host must be a loopback address; write 127.0.0.1, or take local"
                " out of adapters"
            )
        if server.public_url and not is_loopback(urlsplit(server.public_url).hostname or ""):
            faults.append(
                "local: the local chat has no sign-in, so it is never served at a public address; take local out of adapters, or"
                " server.public_url away"
            )
        return faults
