"""The guards at the host: its key, the words it gets, its own list and its own record."""

from tests.soak.mutation.mutations import Mutation

ALLOW = "deploy/forced-command/zhiban-allow"
ALLOWED = "tests/servers/test_ssh_allowed.py"
REFUSED = f"{ALLOWED}::test_what_is_not_listed_is_refused"
NO_MORE = f"{ALLOWED}::test_whoever_has_the_key_gets_no_more"

HOSTS = (
    Mutation(
        "known_hosts: never without",
        "runbooks/remote/ssh_trust.py",
        '{"known_hosts": _known(trust.known_hosts, host), ',
        '{"known_hosts": None, ',
        (
            "tests/servers/test_ssh.py",
            "tests/unit/handlers/runs/test_servers.py::test_a_wrong_host_key_refuses_and_tells_the_leads",
        ),
    ),
    Mutation(
        "quoting: every word",
        "runbooks/remote/command.py",
        'whole = shlex.join(["sh", "-c", RECORDER, "zhiban", mark, *line] if mark else line)',
        'whole = " ".join(["sh", "-c", shlex.quote(RECORDER), "zhiban", mark, *line] if mark else line)',
        ("tests/servers/test_ssh.py",),
    ),
    Mutation(
        "known_hosts: a revoked key is not pinned",
        "runbooks/remote/host_keys.py",
        "    if shown.standing is Standing.REVOKED:\n",
        "    if False:\n",
        ("tests/unit/bot/cli/test_hosts.py::test_a_revoked_key_is_never_pinned",),
    ),
    Mutation(
        "known_hosts: only the fingerprint that was compared",
        "bot/cli/hosts.py",
        "        if key.fingerprint in accepted and ",
        "        if accepted and ",
        ("tests/unit/bot/cli/test_hosts.py::test_another_fingerprint_pins_nothing",),
    ),
    Mutation(
        "known_hosts: who pinned it is noted",
        "bot/cli/hosts.py",
        "        append(tx.connection, [entry])\n",
        "",
        ("tests/unit/bot/cli/test_hosts.py::test_who_had_a_key_pinned_is_on_the_audit_log",),
    ),
    Mutation(
        "quoting: what su carries",
        "runbooks/remote/command.py",
        "inner = shlex.join(line)",
        'inner = " ".join(line)',
        ("tests/servers/test_ssh.py", "tests/servers/test_sudo.py"),
    ),
    Mutation(
        "record: read as who wrote it",
        "runbooks/remote/journal.py",
        "replace(target, become=None)",
        "target",
        ("tests/servers/test_sudo.py",),
    ),
    Mutation(
        "allow: only what the list has",
        ALLOW,
        "    if not any(who == user",
        "    if False and any(who == user",
        (REFUSED,),
    ),
    Mutation("allow: only as the listed user", ALLOW, "any(who == user and fits", "any(fits", (NO_MORE,)),
    Mutation("allow: as many words as listed", ALLOW, "len(argv) == len(entry) and all(", "all(", (REFUSED,)),
    Mutation(
        "allow: a pattern is for the whole word", ALLOW, "re.fullmatch(wanted[1:]", "re.match(wanted[1:]", (REFUSED,)
    ),
    Mutation("allow: ASCII alone", ALLOW, "word, re.ASCII) if", "word) if", (REFUSED, ALLOWED)),
    Mutation(
        "allow: under its time limit",
        ALLOW,
        'inner[:3] != ["timeout", "-s", "KILL"] or not LIMIT.fullmatch("".join(inner[3:4])) or ',
        "",
        (NO_MORE,),
    ),
    Mutation("allow: a time that is one", ALLOW, ' or not LIMIT.fullmatch("".join(inner[3:4]))', "", (NO_MORE,)),
    Mutation("allow: the known recorder", ALLOW, "sha256(words[2]) == RECORDER", "True", (NO_MORE,)),
    Mutation("allow: the recorder's mark", ALLOW, " and MARK.fullmatch(words[4])", "", (NO_MORE,)),
    Mutation("allow: the known reader", ALLOW, "sha256(argv[2]) == READER", "True", (NO_MORE,)),
    Mutation("allow: the reader's run", ALLOW, "RUN.fullmatch(argv[4]) is not None", "True", (NO_MORE,)),
    Mutation("allow: the reader's step", ALLOW, 're.fullmatch("[0-9]{1,4}", argv[5]) is not None', "True", (NO_MORE,)),
    Mutation(
        "allow: the reader as who signs in", ALLOW, "        not user\n        and len", "        len", (NO_MORE,)
    ),
    Mutation(
        "allow: quoted for su",
        ALLOW,
        '" ".join(shlex.quote(word) for word in inner)',
        '" ".join(inner)',
        ("tests/servers/test_sudo.py",),
    ),
)
