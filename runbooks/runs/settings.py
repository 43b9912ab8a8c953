"""``[runs]``: how long a question of a run is good for."""

from pydantic import Field

from bot.settings import CapabilitySection


class RunsSettings(CapabilitySection):
    """``confirm_minutes`` are minutes of true time, for the question and for the yes to it."""

    table = "runs"

    confirm_minutes: float = Field(default=5, gt=0, le=60)
