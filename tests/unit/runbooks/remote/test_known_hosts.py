"""Which lines of a ``known_hosts`` count, by a table; asyncssh by itself passes over a key that it cannot read in silence."""

import os
from pathlib import Path

import asyncssh
import pytest

from runbooks.remote.known_hosts import odd_lines, read_text
from runbooks.remote.ssh_trust import Keyring, Trust


def public(kind: str) -> str:
    return asyncssh.generate_private_key(kind).export_public_key().decode().strip()


KEY = public("ssh-ed25519")
CERTIFICATE = (
    asyncssh.generate_private_key("ssh-ed25519")
    .generate_host_certificate(asyncssh.import_public_key(KEY), "oa1")
    .export_certificate()
    .decode()
    .strip()
)
PARTS = {  # what the lines of the tables have in the place of a key made anew each time
    "KEY": KEY,
    "HALF": KEY[:-9],
    "DATA": KEY.split()[1],
    "RSA": public("ssh-rsa"),
    "ECDSA": public("ecdsa-sha2-nistp256"),
    "CERTIFICATE": CERTIFICATE,
}


def filled(line: str) -> str:
    return " ".join(PARTS.get(word, word) for word in line.split(" "))


@pytest.mark.parametrize(
    "line",
    [
        "oa1 KEY",
        "[127.0.0.1]:2222,oa1 KEY root@oa1 of the second floor",
        "oa* RSA",
        "oa1 ECDSA",
        "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= KEY",
        "@cert-authority *.example KEY",
        "@revoked\t*  KEY",
        "@revoked * CERTIFICATE",
    ],
)
def test_8_20_what_openssh_reads_counts(line: str) -> None:
    assert read_text(f"# ours\n\n{filled(line)}\n").text == f"{filled(line)}\n"


@pytest.mark.parametrize("line", ["oa7 HALF", "oa7 ssh-ed25519 AAAAC3Nz", "oa7 ssh-rsa DATA", "oa7 DATA", "oa7"])
def test_8_20_half_a_key_is_named_and_costs_the_others_nothing(line: str) -> None:
    found = read_text(f"oa1 {KEY}\n{filled(line)}\noa2 {KEY}\n")
    assert (found.text, found.odd) == (f"oa1 {KEY}\noa2 {KEY}\n", (2,))


@pytest.mark.parametrize(
    "line", ["@revoked oa7 HALF", "@revoked oa7 ssh-ed2551 DATA", "@revoked oa7", "@revokd oa7 KEY"]
)
def test_8_20_a_revoked_key_that_cannot_be_read_refuses_the_file(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 has a marker and cannot be read"):
        read_text(f"oa1 {KEY}\n{filled(line)}\n")


def test_8_20_an_odd_line_is_told_of_once_for_each_change_of_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "known_hosts"
    keyring = Keyring(Trust(file))
    for told, odd in enumerate(("oa7 x", "oa7 x\noa8 x"), 1):
        file.write_text(f"oa1 {KEY}\n{odd}\n")
        os.utime(file, (told, told))
        for host in ("oa1", "oa2", "oa1"):
            keyring.options(host)
            keyring.pinned([])
            odd_lines(file)
        assert [record.message.rpartition(": ")[2] for record in caplog.records] == ["line 2", "line 2, line 3"][:told]
