"""The systems that a message can be about, and what triage reads in one message."""

from dataclasses import dataclass
from enum import StrEnum

from bot.work.understanding import Kind, RouteName, Scope


class System(StrEnum):
    """What a message is about; ``OA`` is the default of a fault that names nothing."""

    OA = "oa"
    ACCOUNT = "account"
    MOBILE = "mobile_client"
    SMS = "sms"
    SEAL = "seal"
    WPS = "wps"
    VPN = "vpn"
    CLOUD = "cloud"
    NETWORK = "network"


THIRD_PARTY: frozenset[System] = frozenset(
    {System.SMS, System.SEAL, System.WPS, System.VPN, System.CLOUD, System.NETWORK}
)
"""Systems that a vendor runs (SOP 7.3); a fault there goes to the vendor's person in the group."""
ENGINEER = "engineer"
STAFF = frozenset({ENGINEER, "vendor", "bot"})
"""Senders whose words answer and announce; only a report they relay is read as one (label rule 12), and an engineer's
that is nothing else."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says. ``confidence`` is between 0 and 1; ``reason`` names the deciding words, in the message's language.

    Holds always: a fault goes to third_party, internal or urgent, and to urgent exactly with severity 1; a question is
    never urgent; other has neither route nor system nor severity; severity stands on faults alone.
    ``named`` says that the system stands in the words; else it is the default, and the fault may join what is open.
    """

    kind: Kind
    route: RouteName | None
    system: System | None
    severity: Scope | None
    confidence: float
    reason: str
    named: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """Another system than its speaker named before.

    ``named``: the one that it is, with its word; ``denied``: the one that it is not, where the words say so.
    """

    named: tuple[System, str]
    denied: System | None

    @property
    def meant(self) -> System:
        """The system that it is."""
        return self.named[0]
