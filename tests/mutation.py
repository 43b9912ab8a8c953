"""Take one guard away at a time: does a test notice? ``python -m tests.mutation [name …]`` prints a line for each.

Each mutation is made in a copy of the project; the tests named beside it must pass without it and fail with it.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ("bot", "data", "handlers", "messages", "runbooks", "tests", "pyproject.toml")
CONFIRM, MACHINE = "tests/handlers/runs/test_confirm.py", "tests/handlers/runs/test_machine.py"
PAGE, LINKS = "tests/bot/console/test_run_page.py", "tests/bot/durable/test_links.py"


@dataclass(frozen=True)
class Mutation:
    """``old`` stands once in ``path`` and becomes ``new``; ``tests`` are given to pytest."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTATIONS = (
    Mutation(
        "role: whoever confirms",
        "runbooks/ask.py",
        "    if not may_confirm(run, person):\n",
        "    if False:\n",
        (MACHINE,),
    ),
    Mutation(
        "role: whoever asks",
        "handlers/runs/requesting.py",
        "    if not person.may(*plan.roles):\n",
        "    if False:\n",
        ("tests/handlers/runs/test_break_glass.py::test_a_single_value_may_ask_for_more",),
    ),
    Mutation(
        "role: read again at the start",
        "runbooks/ask.py",
        "    if not still_allowed(work, run):\n",
        "    if False:\n",
        (f"{CONFIRM}::test_a_role_lost_after_the_yes_stops_it_too",),
    ),
    Mutation(
        "role: the requester's at the yes",
        "handlers/runs/rules.py",
        "    ask.check_kind(run, person)\n    if not ask.requester_may(work, run):\n",
        "    ask.check_kind(run, person)\n    if False:\n",
        (f"{CONFIRM}::test_a_lost_role_stops_the_run",),
    ),
    Mutation(
        "second person: not the requester",
        "runbooks/ask.py",
        '    if run.plan["confirm"] == Confirm.SECOND and person.id == run.requester:\n',
        "    if False:\n",
        (f"{CONFIRM}::test_k01_own_confirm_is_refused",),
    ),
    Mutation(
        "break-glass: where the runbook allows it",
        "handlers/runs/rules.py",
        '    if not run.plan.get("breakglass"):\n',
        "    if False:\n",
        ("tests/handlers/runs/test_break_glass.py::test_only_where_the_runbook_allows_it",),
    ),
    Mutation(
        "break-glass: a reason",
        "handlers/runs/confirming.py",
        "    if len(reason) not in REASON:\n",
        "    if False:\n",
        ("tests/handlers/runs/test_break_glass.py::test_no_reason_no_run",),
    ),
    Mutation(
        "chat: by word where it was asked",
        "handlers/runs/rules.py",
        "    if chat not in run.chats:\n",
        "    if False:\n",
        (f"{CONFIRM}::test_another_chat_may_not_confirm_by_word",),
    ),
    Mutation(
        "hash: what would run now",
        "runbooks/runner.py",
        "        return ask.bound(run, plan, self._keys(plan)) == run.hash\n",
        "        return True\n",
        ("tests/handlers/runs/test_servers.py::test_a_file_edited_between_plan_and_confirm_voids",),
    ),
    Mutation(
        "hash: the pinned keys",
        "runbooks/ask.py",
        "dict(sorted(keys.items())), run.first])",
        "{}, run.first])",
        (MACHINE,),
    ),
    Mutation(
        "hash: nobody's yes is enough to change something",
        "runbooks/runner.py",
        "            return plan.confirm is Confirm.NONE\n",
        "            return True\n",
        ("tests/handlers/runs/test_machine.py::test_a_runbook_that_began_to_change_things_is_not_run_unasked",),
    ),
    Mutation(
        "expiry: at the yes",
        "handlers/runs/rules.py",
        "run.expires_at and work.real_now >= run.expires_at",
        "run.expires_at and False",
        (f"{CONFIRM}::test_expiry_is_exact_even_before_its_timer_fired",),
    ),
    Mutation(
        "expiry: at the start",
        "runbooks/ask.py",
        "now > run.confirmed_at + validity(work)",
        "False",
        (f"{CONFIRM}::test_an_old_yes_is_not_acted_on",),
    ),
    Mutation(
        "once: compare and set",
        "runbooks/store.py",
        "where = (_run.c.id == run.id, _run.c.state.in_([s.value for s in came_from]))",
        "where = (_run.c.id == run.id,)",
        ("tests/handlers/runs/test_races.py",),
    ),
    Mutation(
        "once: the host refuses a mark that it has seen",
        "runbooks/remote.py",
        '(set -C; : > "$d/$n")',
        '(: > "$d/$n")',
        ("tests/runbooks/test_journal.py::test_the_host_runs_a_mark_once",),
    ),
    Mutation(
        "lock: one run for a target",
        "runbooks/ask.py",
        '    if not store_locks.lock(work, run, run.plan["locks"]):\n',
        "    if False:\n",
        (f"{CONFIRM}::test_two_confirmed_on_one_target_are_one",),
    ),
    Mutation(
        "lock: told at the request",
        "handlers/runs/rules.py",
        "    if held:\n",
        "    if False:\n",
        ("tests/handlers/runs/test_servers.py::test_what_is_under_way_holds_its_target",),
    ),
    Mutation(
        "cancel: never between edit and verification",
        "runbooks/carrier.py",
        "        may_stop = not self._execution.edited\n",
        "        may_stop = True\n",
        ("tests/handlers/runs/test_cut.py::test_a_cancel_after_the_edit_waits_for_its_verification",),
    ),
    Mutation(
        "secrets: masked",
        "runbooks/output.py",
        '    text = _NAMED.sub(rf"\\1{MASK}", text)\n',
        "",
        ("tests/handlers/runs/test_private.py::test_a_secret_stands_nowhere",),
    ),
    Mutation(
        "privacy: not in a group of reporters",
        "runbooks/tell.py",
        "known is not None and known.post is not None",
        "False",
        ("tests/handlers/runs/test_private.py::test_an_answer_goes_to_who_asked",),
    ),
    Mutation(
        "known_hosts: never without",
        "runbooks/ssh_trust.py",
        '{"known_hosts": _known(trust.known_hosts, host), ',
        '{"known_hosts": None, ',
        (
            "tests/runbooks/test_ssh.py",
            "tests/handlers/runs/test_servers.py::test_a_wrong_host_key_refuses_and_tells_the_leads",
        ),
    ),
    Mutation(
        "quoting: every word",
        "runbooks/remote.py",
        'return shlex.join(["sh", "-c", RECORDER, "zhiban", mark, *line] if mark else line)',
        'return " ".join(["sh", "-c", shlex.quote(RECORDER), "zhiban", mark, *line] if mark else line)',
        ("tests/runbooks/test_ssh.py",),
    ),
    Mutation(
        "floor: nodes in service",
        "runbooks/balance.py",
        "    if after >= before:\n        return\n",
        "    return\n",
        ("tests/handlers/runs/test_servers.py::test_the_floor_is_refused_before_anybody_is_asked",),
    ),
    Mutation(
        "host key: told in the middle of a run, too",
        "runbooks/tell.py",
        "    if hosts:\n",
        "    if False:\n",
        ("tests/handlers/runs/test_failing.py::test_another_host_key_between_two_steps",),
    ),
    Mutation(
        "login: a host that refuses us is asked once",
        "runbooks/tell.py",
        ' and found.refused != "login"',
        "",
        ("tests/handlers/runs/test_failing.py::test_a_refused_login_is_not_tried_until_the_account_is_locked",),
    ),
    Mutation(
        "left behind: found by the mark in its environment",
        "runbooks/remote.py",
        'export ZHIBAN_RUN="$n"; ',
        "",
        ("tests/handlers/runs/test_failing.py::test_what_a_killed_command_leaves_behind_is_named",),
    ),
    Mutation(
        "secrets: not in our own log",
        "runbooks/ssh.py",
        "        asyncssh.set_log_level(logging.WARNING)",
        "        asyncssh.set_log_level(logging.INFO)",
        ("tests/handlers/runs/test_private.py::test_a_secret_that_is_sent_stands_nowhere_either",),
    ),
    Mutation(
        "inventory: nothing runs while it cannot be read",
        "runbooks/again.py",
        "    if wrong:\n",
        "    if False:\n",
        ("tests/handlers/runs/test_servers_off.py",),
    ),
    Mutation(
        "page: the signature",
        "bot/durable/links.py",
        "            if not hmac.compare_digest(signature.encode(), self._sign(_PAGE + body).encode()):\n",
        "            if False:\n",
        (f"{PAGE}::test_everything_that_does_not_open_gets_the_same_answer",),
    ),
    Mutation(
        "page: until when",
        "bot/durable/links.py",
        "        return given if now < given.until else None\n",
        "        return given\n",
        (f"{PAGE}::test_it_expires_after_a_day_and_not_before",),
    ),
    Mutation(
        "page: a link that presses shows nothing",
        "bot/durable/links.py",
        '_PAGE = "page."',
        '_PAGE = ""',
        (f"{LINKS}::test_a_link_of_one_kind_is_none_of_the_other",),
    ),
    Mutation(
        "page: of this run",
        "bot/console/runs.py",
        ' or link.page != f"runs/{name}"',
        "",
        (f"{PAGE}::test_everything_that_does_not_open_gets_the_same_answer",),
    ),
    Mutation(
        "page: role read again",
        "bot/console/runs.py",
        "            check_seen(story.run, reader)\n",
        "            pass\n",
        (f"{PAGE}::test_the_role_is_read_again_when_it_is_opened",),
    ),
    Mutation(
        "page: no link in a group",
        "bot/durable/speech.py",
        "        if not page or links is None or chat.person is None:\n",
        "        if not page or links is None:\n",
        (f"{PAGE}::test_a_group_never_gets_one_and_says_where_to_ask",),
    ),
    Mutation(
        "page: what was said is text",
        "bot/console/html.py",
        "        autoescape=True,\n",
        "        autoescape=False,\n",
        (f"{PAGE}::test_what_servers_and_people_say_is_text",),
    ),
)


def copy(folder: Path) -> None:
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)


def passes(folder: Path, tests: Iterable[str]) -> bool:
    """Whether these tests pass in the copy; a test that is not there is no answer at all."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode not in {0, 1}:
        raise SystemExit(ended.stdout + ended.stderr)
    return ended.returncode == 0


def killed(mutation: Mutation) -> bool:
    """Whether the tests notice; the text must stand there exactly once, or the list is out of date."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy(folder)
        path = folder / mutation.path
        text = path.read_text("utf-8")
        if text.count(mutation.old) != 1:
            raise SystemExit(f"{mutation.name}: {mutation.path} has {text.count(mutation.old)} such places")
        path.write_text(text.replace(mutation.old, mutation.new), "utf-8")
        return not passes(folder, mutation.tests)


def main(wanted: list[str]) -> int:
    chosen = [m for m in MUTATIONS if not wanted or any(word in m.name for word in wanted)]
    survived = 0
    for mutation in chosen:
        dead = killed(mutation)
        survived += not dead
        print(f"{'noticed ' if dead else 'SURVIVED'} {mutation.name}", flush=True)
    print(f"{len(chosen) - survived} of {len(chosen)} noticed")
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
