"""Host keys are pinned by a person's word alone. Against real sshd; the oracle is ssh-keygen and the file."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.support import sshd
from tests.support.paths import EXAMPLE

pytestmark = pytest.mark.servers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path / "host") as running:
        yield running


class Site:
    """A data folder whose one reachable host is ``oa1``."""

    def __init__(self, folder: Path, server: sshd.Sshd) -> None:
        self.server = server
        self.known_hosts = folder / "known_hosts"
        self.data = folder / "data"
        shutil.copytree(EXAMPLE, self.data)
        path = self.data / "hosts.yaml"
        moved = f"address: {server.address}, port: {server.port}, user: {server.user}"
        path.write_text(
            path.read_text("utf-8").replace("{group: oa, address: 10.154.0.179", f"{{group: oa, {moved}"), "utf-8"
        )
        self.config = folder / "zhiban.toml"
        self.config.write_text(f'data_dir = "data"\n[ssh]\nknown_hosts = "{self.known_hosts}"\nconnect_timeout = 5\n')

    @property
    def fingerprint(self) -> str:
        """As the host's own console shows it."""
        public = self.server.process.args[-1]  # type: ignore[index]  # the last word is the path of its sshd_config
        key = Path(str(public)).parent / "host_key.pub"
        told = subprocess.run(["ssh-keygen", "-lf", str(key)], capture_output=True, text=True, check=True)
        return told.stdout.split()[1]

    def scan(self, *words: str) -> int:
        return main(["hosts", "--config", str(self.config), "scan", *words])

    def pins(self) -> list[str]:
        return self.known_hosts.read_text().splitlines() if self.known_hosts.exists() else []


@pytest.fixture
def site(tmp_path: Path, server: sshd.Sshd) -> Site:
    return Site(tmp_path, server)


def test_a_scan_writes_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.scan("oa1") == 1
    said = capsys.readouterr().out
    assert f"{site.fingerprint}  NEW, not pinned" in said
    assert "ssh-keygen -lf" in said
    assert site.pins() == []


def test_what_was_compared_is_pinned(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.known_hosts.write_text(
        "# ours\n10.9.9.9 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfn6cMOG4sIzE3GoTRKAoZ9DxSDNLm0GxJHVpWvr0kv\n"
    )
    before = site.pins()
    assert site.scan("--accept", f"oa1={site.fingerprint}") == 0
    assert site.pins() == [*before, site.server.known_hosts.strip()]
    assert site.scan("oa1") == 0
    assert "pinned" in capsys.readouterr().out


def audited(config: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, ...]]:
    """What the log says of pins; its chain holds."""
    capsys.readouterr()
    assert main(["audit", "--config", str(config), "verify"]) == 0
    capsys.readouterr()
    assert main(["audit", "--config", str(config), "export"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [(row["actor"], row["action"], row["target"], row["outcome"], row["detail"]["key"]) for row in rows]


def test_who_had_a_key_pinned_is_on_the_audit_log(
    site: Site, empty_db: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUDO_USER", "qin")
    with site.config.open("a") as config:
        config.write(f'[store]\nurl = "sqlite:///{shutil.copy(empty_db, site.config.with_name("z.db"))}"\n')
    assert site.scan("oa1") == 1
    assert site.scan("--accept", f"oa1=SHA256:{'A' * 43}") == 1
    assert audited(site.config, capsys) == []
    assert site.scan("--accept", f"oa1={site.fingerprint}") == 0
    assert audited(site.config, capsys) == [("cli:qin", "host_key.pin", "oa1", "ok", site.fingerprint)]
    assert site.scan("--accept", f"oa1={site.fingerprint}") == 0  # it is pinned already
    assert len(audited(site.config, capsys)) == 1


def test_what_could_not_be_pinned_is_not_on_the_audit_log(
    site: Site, empty_db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with site.config.open("a") as config:
        config.write(f'[store]\nurl = "sqlite:///{shutil.copy(empty_db, site.config.with_name("z.db"))}"\n')
    site.known_hosts.write_text(f"@revoked {site.server.known_hosts.strip()}\n")
    assert site.scan("--accept", f"oa1={site.fingerprint}") == 2
    assert audited(site.config, capsys) == []


def test_nothing_is_pinned_that_cannot_be_noted(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    broken = site.config.with_name("z.db")
    broken.write_bytes(b"SQLite format 3\x00" + b"\x00" * 200)
    with site.config.open("a") as config:
        config.write(f'[store]\nurl = "sqlite:///{broken}"\n')
    assert site.scan("--accept", f"oa1={site.fingerprint}") == 2
    assert str(broken) in capsys.readouterr().err
    assert site.pins() == []


def test_another_fingerprint_pins_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = "SHA256:" + "A" * 43
    assert site.scan("--accept", f"oa1={wrong}") == 1
    assert "is not what oa1 shows" in capsys.readouterr().out
    assert site.pins() == []


@pytest.mark.parametrize("word", ["oa1", "oa1=SHA256:short", "oa1=yes", "nobody=SHA256:" + "A" * 43])
def test_half_a_word_is_refused(site: Site, word: str) -> None:
    assert site.scan("--accept", word) == 2
    assert site.pins() == []


def test_a_changed_key_is_named_and_replaced_only_on_a_word(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = sshd.make_key(tmp_path / "old").with_suffix(".pub").read_text().split()
    line = f"[{site.server.address}]:{site.server.port} {old[0]} {old[1]}"
    site.known_hosts.write_text(line + "\n")
    assert site.scan("oa1") == 1
    told = subprocess.run(["ssh-keygen", "-lf", str(tmp_path / "old.pub")], capture_output=True, text=True, check=True)
    assert f"{site.fingerprint}  DIFFERS from what is pinned {told.stdout.split()[1]}" in capsys.readouterr().out
    assert site.pins() == [line]
    assert site.scan("--accept", f"oa1={site.fingerprint}") == 0
    assert site.pins() == [site.server.known_hosts.strip()]


def test_a_pattern_that_pins_another_is_left_to_a_person(site: Site, tmp_path: Path) -> None:
    old = sshd.make_key(tmp_path / "old").with_suffix(".pub").read_text().split()
    line = f"[127.0.0.*]:{site.server.port} {old[0]} {old[1]}"
    site.known_hosts.write_text(line + "\n")
    assert site.scan("--accept", f"oa1={site.fingerprint}") == 2
    assert site.pins() == [line]


def test_a_revoked_key_is_never_pinned(site: Site) -> None:
    line = f"@revoked {site.server.known_hosts.strip()}"
    site.known_hosts.write_text(line + "\n")
    assert site.scan("--accept", f"oa1={site.fingerprint}") == 2
    assert site.pins() == [line]


def test_a_host_that_is_not_reached_is_said(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.server.process.kill()
    site.server.process.wait()
    assert site.scan("oa1") == 1
    assert "not reached" in capsys.readouterr().out
