"""``[matrix]``: a bot account on a homeserver."""

from pydantic import Field, SecretStr, field_validator

from bot.core.problems import Told
from bot.settings import PlatformSection, ServerSettings, encrypted


class MatrixSettings(PlatformSection):
    """``name`` is what people write to call the bot, beside a mention of its account."""

    platform = "matrix"

    homeserver: str = ""
    access_token: SecretStr | None = None
    name: str = Field(default="值班", min_length=1)
    proxy: str = ""
    ca_file: str = ""

    @field_validator("homeserver")
    @classmethod
    def _keeps_secrets(cls, url: str) -> str:
        return encrypted(url) if url else url

    def faults_in_use(self, server: ServerSettings) -> list[Told]:
        """Without an account there is neither hearing nor speaking."""
        whole = self.homeserver and self.access_token
        return [] if whole else [Told("settings/matrix_unused")]
