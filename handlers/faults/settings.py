"""``[reports]``: how much one person and one group may report within a while."""

from pydantic import Field

from bot.settings import CapabilitySection


class ReportsSettings(CapabilitySection):
    """Within ``minutes``, ``per_person`` tickets of one person without a role, and ``per_chat`` of one group.

    What is reported beyond is kept with a ticket that is there, and told in one message instead of one each.
    """

    table = "reports"

    per_person: int = Field(default=6, ge=1, le=1000)
    per_chat: int = Field(default=30, ge=1, le=1000)
    minutes: float = Field(default=10, gt=0, le=1440)
