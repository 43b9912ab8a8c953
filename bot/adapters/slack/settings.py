"""``[slack]``: one app in one workspace."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from bot.core.problems import Told
from bot.settings import PlatformSection, ServerSettings, is_loopback, wrong

PATH = "/slack/events"  # of events, slash commands and buttons alike


class SlackSettings(PlatformSection):
    """One app in one workspace. ``app_token`` switches to Socket Mode; ``hears`` says what is subscribed in channels."""

    platform = "slack"

    bot_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    app_token: SecretStr | None = None
    team_id: str = Field(default="", pattern=r"^(T[A-Z0-9]+)?$", examples=["T0123ABCD"])
    hears: Literal["all", "mentions"] = "all"
    name: str = Field(  # of the bot user: Slack takes no other letters
        default="zhiban", pattern=r"^[a-z0-9._-]{1,35}$", examples=["zhiban"]
    )
    command: str = Field(default="/zhiban", pattern=r"^/[a-z0-9_-]{1,31}$", examples=["/zhiban"])
    proxy: str = ""
    api_base_url: str = "https://slack.com/api/"

    @field_validator("api_base_url")
    @classmethod
    def _never_in_clear(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            return url
        raise wrong("slack_in_clear")

    def faults_in_use(self, server: ServerSettings) -> list[Told]:
        """It must be able to answer and to hear."""
        faults = []
        if not (self.bot_token and self.bot_token.get_secret_value()):
            faults.append(Told("settings/slack_mute"))
        if not any(token and token.get_secret_value() for token in (self.signing_secret, self.app_token)):
            faults.append(Told("settings/slack_deaf"))
        return faults
