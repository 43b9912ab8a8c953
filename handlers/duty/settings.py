"""``[duty]``: when the morning's announcement is due."""

from pydantic import Field, model_validator

from bot.settings import CapabilitySection, wrong


class DutySettings(CapabilitySection):
    """Times of the day, local; after ``catch_up_until`` an announcement that could not be made is missed."""

    table = "duty"

    announce_at: str = Field(default="08:25", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["08:25"])
    catch_up_until: str = Field(default="10:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["10:00"])

    @model_validator(mode="after")
    def _in_order(self) -> "DutySettings":
        if self.announce_at >= self.catch_up_until:
            raise wrong("catch_up_early")
        return self
