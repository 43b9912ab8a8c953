"""``[dingtalk]``: the enterprise robot, and custom robots."""

from collections.abc import Iterable, Mapping

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.core.problems import Told
from bot.settings import PlatformSection, Section, ServerSettings, encrypted, wrong


class DingtalkRobot(Section):
    """A custom robot of one group: it only sends."""

    token: SecretStr
    secret: SecretStr


class DingtalkSettings(PlatformSection):
    """The enterprise robot (``app_key``, ``app_secret``, ``robot_code``) hears and sends; ``robots`` by chat id only send."""

    platform = "dingtalk"

    app_key: str = ""
    app_secret: SecretStr | None = None
    robot_code: str = ""
    corp_id: str = ""
    call: str = "@值班"
    api_base: str = "https://api.dingtalk.com"
    robot_base: str = "https://oapi.dingtalk.com"
    proxy: str = ""
    robots: dict[str, DingtalkRobot] = Field(default={})

    @field_validator("api_base", "robot_base")
    @classmethod
    def _keeps_secrets(cls, base: str) -> str:
        return encrypted(base)

    @model_validator(mode="after")
    def _whole(self) -> "DingtalkSettings":
        parts = (bool(self.app_key), bool(self.app_secret), bool(self.robot_code))
        if any(parts) and not all(parts):
            raise wrong("dingtalk_half")
        return self

    def named_chats(self) -> Mapping[str, Iterable[str]]:
        """The groups of custom robots."""
        return {"robots": self.robots}

    def faults_in_use(self, server: ServerSettings) -> list[Told]:
        """Something must send."""
        if self.app_key or self.robots:
            return []
        return [Told("settings/dingtalk_unused")]
