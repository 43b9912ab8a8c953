"""``[recorder]``: the crash tests' platform, a separate HTTP server that posts to us and records what we post."""

from bot.core.problems import Told
from bot.settings import PlatformSection, ServerSettings, is_loopback


class RecorderSettings(PlatformSection):
    """``client_keys``: whether the server drops a repeat by its key, as some platforms do."""

    platform = "recorder"

    url: str = ""
    client_keys: bool = True

    def faults_in_use(self, server: ServerSettings) -> list[Told]:
        """Who speaks is believed."""
        if is_loopback(server.host):
            return []
        return [Told("settings/recorder_open")]
