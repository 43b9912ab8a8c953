"""``[ssh]``: who we are to the hosts, and where their keys are pinned."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from bot.settings import CapabilitySection, Settings, wrong


class SshSettings(CapabilitySection):
    """A key in a file, or (``agent``: its socket) the one key of an agent that ``key_file`` names."""

    table = "ssh"

    key_file: Path | None = None
    certificate_file: Path | None = None
    agent: Path | None = None
    known_hosts: Path | None = None
    connect_timeout: float = Field(default=8, gt=0, le=60)

    @model_validator(mode="after")
    def _one_key(self) -> "SshSettings":
        if self.agent and (self.key_file is None or self.key_file.suffix != ".pub"):
            raise wrong("agent_key")
        if self.certificate_file and (self.key_file is None or self.agent):
            raise wrong("lone_certificate")
        return self

    @classmethod
    def completed(cls, written: Mapping[str, Any], environ: Mapping[str, str]) -> Mapping[str, Any]:
        """With the key that systemd hands over (``LoadCredential=ssh-key:…``, ``ssh-key-cert.pub``) unless one is named."""
        folder = environ.get("CREDENTIALS_DIRECTORY")
        if not folder or "key_file" in written:
            return written
        key, certificate = Path(folder, "ssh-key"), Path(folder, "ssh-key-cert.pub")
        if not key.is_file():
            return written
        found = {"certificate_file": str(certificate)} if certificate.is_file() else {}
        return {**found, **written, "key_file": str(key)}


def known_hosts(settings: Settings) -> Path:
    """The file in which the hosts' keys are pinned."""
    return settings.section(SshSettings).known_hosts or settings.state_dir / "known_hosts"
