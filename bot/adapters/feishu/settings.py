"""``[feishu]``: the app, and custom robots."""

from collections.abc import Iterable, Mapping

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.core.problems import Told
from bot.settings import PlatformSection, Section, ServerSettings, encrypted, wrong


class FeishuRobot(Section):
    """A group's custom robot: ``hook`` is its id or whole URL, ``secret`` is set where its signature check is on."""

    hook: SecretStr
    secret: SecretStr | None = None

    @field_validator("hook")
    @classmethod
    def _keeps_secrets(cls, hook: SecretStr) -> SecretStr:
        if "://" in hook.get_secret_value():
            encrypted(hook.get_secret_value())
        return hook


class FeishuSettings(PlatformSection):
    """The app, and under ``robots`` (by our chat id) the groups that a custom robot serves instead.

    ``hears_all`` when the app may read all messages of its groups, else only what mentions it as ``@bot_name``;
    ``bot_open_id`` is asked for when it is not set.
    """

    platform = "feishu"

    api_base: str = "https://open.feishu.cn"
    app_id: str = ""
    app_secret: SecretStr | None = None
    verification_token: SecretStr | None = None
    encrypt_key: SecretStr | None = None
    bot_open_id: str = ""
    bot_name: str = Field(default="值班", min_length=1)
    hears_all: bool = False
    robots: dict[str, FeishuRobot] = Field(default={})

    @field_validator("api_base")
    @classmethod
    def _keeps_secrets(cls, base: str) -> str:
        return encrypted(base)

    @model_validator(mode="after")
    def _whole(self) -> "FeishuSettings":
        if self.app_id and not (self.app_secret and self.verification_token):
            raise wrong("feishu_half")
        return self

    def named_chats(self) -> Mapping[str, Iterable[str]]:
        """The groups of custom robots."""
        return {"robots": self.robots}

    def faults_in_use(self, server: ServerSettings) -> list[Told]:
        """Something must send."""
        if self.app_id or self.robots:
            return []
        return [Told("settings/feishu_unused")]
