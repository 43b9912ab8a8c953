"""Which lines of a ``known_hosts`` count, by a table; asyncssh by itself passes over a key that it cannot read in silence."""

import asyncssh
import pytest

from runbooks.remote.known_hosts import read_text


def public(kind: str = "ssh-ed25519") -> str:
    return asyncssh.generate_private_key(kind).export_public_key().decode().strip()


KEY = public()
CERTIFICATE = (
    asyncssh.generate_private_key("ssh-ed25519")
    .generate_host_certificate(asyncssh.import_public_key(KEY), "oa1")
    .export_certificate()
    .decode()
    .strip()
)


@pytest.mark.parametrize(
    "line",
    [
        f"oa1 {KEY}",
        f"[127.0.0.1]:2222,oa1 {KEY} root@oa1 of the second floor",
        f"oa* {public('ssh-rsa')}",
        f"oa1 {public('ecdsa-sha2-nistp256')}",
        f"|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= {KEY}",
        f"@cert-authority *.example {KEY}",
        f"@revoked\t*  {KEY}",
        f"@revoked * {CERTIFICATE}",
    ],
)
def test_8_20_what_openssh_reads_counts(line: str) -> None:
    assert read_text(f"# ours\n\n{line}\n").text == f"{line}\n"


@pytest.mark.parametrize(
    "line",
    [f"oa7 {KEY[:-9]}", "oa7 ssh-ed25519 AAAAC3Nz", f"oa7 ssh-rsa {KEY.split()[1]}", f"oa7 {KEY.split()[1]}", "oa7"],
)
def test_8_20_half_a_key_is_named_and_costs_the_others_nothing(line: str) -> None:
    found = read_text(f"oa1 {KEY}\n{line}\noa2 {KEY}\n")
    assert (found.text, found.odd) == (f"oa1 {KEY}\noa2 {KEY}\n", (2,))


@pytest.mark.parametrize(
    "line",
    [f"@revoked oa7 {KEY[:-9]}", f"@revoked oa7 ssh-ed2551 {KEY.split()[1]}", "@revoked oa7", f"@revokd oa7 {KEY}"],
)
def test_8_20_a_revoked_key_that_cannot_be_read_refuses_the_file(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 has a marker and cannot be read"):
        read_text(f"oa1 {KEY}\n{line}\n")
