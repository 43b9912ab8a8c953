"""``[mattermost]``: a bot account, tokens of the doors, and incoming webhooks."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.core.problems import Told
from bot.settings import PlatformSection, Section, ServerSettings, encrypted, wrong

# Mattermost's tokens have 26 characters; an empty one would open the door to everybody.
_Token = Annotated[SecretStr, Field(min_length=20)]


class MattermostHook(Section):
    """An incoming webhook of one channel: it only sends."""

    url: SecretStr

    @field_validator("url")
    @classmethod
    def _keeps_secrets(cls, url: SecretStr) -> SecretStr:
        encrypted(url.get_secret_value())
        return url


class MattermostSettings(PlatformSection):
    """A bot account (``url``, ``bot_token``); tokens of slash commands and outgoing webhooks; ``hooks`` by chat id only send."""

    platform = "mattermost"

    url: str = ""
    bot_token: SecretStr | None = None
    command_tokens: tuple[_Token, ...] = ()
    outgoing_tokens: tuple[_Token, ...] = ()
    call: str = "/zhiban"
    ca_file: str = ""
    proxy: str = ""
    hooks: dict[str, MattermostHook] = Field(default={})

    @field_validator("command_tokens", "outgoing_tokens", mode="before")
    @classmethod
    def _one_line_of_several(cls, value: Any) -> Any:
        """From the environment or a file they come in one line, with commas."""
        return [token.strip() for token in value.split(",")] if isinstance(value, str) else value

    @field_validator("url")
    @classmethod
    def _keeps_secrets(cls, url: str) -> str:
        return encrypted(url) if url else url

    @model_validator(mode="after")
    def _whole(self) -> "MattermostSettings":
        if bool(self.url) != bool(self.bot_token):
            raise wrong("mattermost_half")
        return self

    def named_chats(self) -> Mapping[str, Iterable[str]]:
        """The channels of incoming webhooks."""
        return {"hooks": self.hooks}

    def faults_in_use(self, server: ServerSettings) -> list[Told]:
        """Something must send."""
        if self.bot_token or self.hooks:
            return []
        return [Told("settings/mattermost_unused")]
