"""``[local]``: the local chat, which has no sign-in."""

from bot.settings import PlatformSection, ServerSettings, is_loopback


class LocalSettings(PlatformSection):
    """``open``: everybody who reaches the page may speak as anybody."""

    platform = "local"

    open: bool = True

    def faults_in_use(self, server: ServerSettings) -> list[str]:
        """An open door stands on loopback only."""
        if is_loopback(server.host) or not self.open:
            return []
        return ["local.open: the local chat has no sign-in, so server.host must be a loopback address; write 127.0.0.1"]
