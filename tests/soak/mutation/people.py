"""The guards about people: roles, the second person, the reason, the time, the chat, what is seen."""

from tests.soak.mutation.mutations import Mutation

CONFIRM = "tests/unit/handlers/runs/test_confirm.py"
WAITING = "tests/unit/handlers/runs/test_waiting_people.py"
MACHINE = "tests/unit/handlers/runs/test_machine.py"
PLANNER = "tests/unit/runbooks/planning/test_planner.py"

PEOPLE = (
    Mutation(
        "role: whoever asks",
        "handlers/runs/requesting.py",
        "    if not person.may(*plan.roles):\n",
        "    if False:\n",
        ("tests/unit/handlers/runs/test_break_glass.py::test_a_single_value_may_ask_for_more",),
    ),
    Mutation(
        "role: read again at the start",
        "runbooks/runs/asking.py",
        "    if not still_allowed(work, run):\n",
        "    if False:\n",
        (f"{CONFIRM}::test_a_role_lost_after_the_yes_stops_it_too",),
    ),
    Mutation(
        "break-glass: a reason",
        "handlers/runs/confirming.py",
        "    if len(reason) not in REASON:\n",
        "    if False:\n",
        ("tests/unit/handlers/runs/test_break_glass.py::test_no_reason_no_run",),
    ),
    Mutation(
        "chat: by word where it was asked",
        "handlers/runs/naming.py",
        "    if chat not in run.chats:\n",
        "    if False:\n",
        (f"{CONFIRM}::test_another_chat_may_not_confirm_by_word",),
    ),
    Mutation(
        "expiry: at the start",
        "runbooks/runs/asking.py",
        "now > run.confirmed_at + validity(work)",
        "False",
        (f"{CONFIRM}::test_an_old_yes_is_not_acted_on",),
    ),
    Mutation(
        "secrets: masked",
        "bot/core/redact.py",
        '    text = _NAMED.sub(rf"\\1{MASK}", text)\n',
        "",
        ("tests/unit/handlers/runs/test_private.py::test_a_secret_stands_nowhere",),
    ),
    Mutation(
        "privacy: not in a group of reporters",
        "runbooks/runs/notices.py",
        "known is not None and known.post is not None",
        "False",
        ("tests/unit/handlers/runs/test_private.py::test_an_answer_goes_to_who_asked",),
    ),
    Mutation(
        "role: of a runbook within",
        "runbooks/planning/planner.py",
        "        self.roles &= frozenset(given.roles)\n",
        "        self.roles &= frozenset(definition.roles)\n",
        (f"{PLANNER}::test_nothing_is_easier_within_another",),
    ),
    Mutation(
        "second person: of a runbook within",
        "runbooks/planning/planner.py",
        "narrowed(self.confirmers, given.confirmers)",
        "self.confirmers or given.confirmers",
        (f"{PLANNER}::test_nothing_is_easier_within_another",),
    ),
    Mutation(
        "break-glass: of a runbook within",
        "runbooks/planning/planner.py",
        "self.breakglass and definition.breakglass",
        "self.breakglass or definition.breakglass",
        (f"{PLANNER}::test_nothing_is_easier_within_another",),
    ),
    Mutation(
        "confirmation: of a runbook within",
        "runbooks/planning/planner.py",
        "        self.confirm = self.confirm.stricter(given.confirm)\n",
        "        self.confirm = given.confirm\n",
        (f"{PLANNER}::test_a_runbook_within_makes_the_outer_as_strict",),
    ),
    Mutation(
        "role: of one value among several",
        "runbooks/language/arguments.py",
        'echoed.split(",") if argument.many else [echoed]',
        "[echoed]",
        (f"{PLANNER}::test_a_strict_value_is_found_however_it_is_typed",),
    ),
    Mutation(
        "role: of a node, however it is called",
        "runbooks/language/arguments.py",
        "*([host.id] if host else [])",
        "*()",
        (f"{PLANNER}::test_a_strict_value_is_found_however_it_is_typed",),
    ),
    Mutation(
        "role: whoever goes on",
        "handlers/runs/confirming.py",
        "    policy.check_go_on(work, run, person)\n    if not questions.answer_yes(",
        "    if not questions.answer_yes(",
        ("tests/unit/handlers/runs/test_cut.py::test_a_step_that_asks_waits_for_its_yes",),
    ),
    Mutation(
        "question: taken when it is over",
        "runbooks/runs/questions.py",
        " or not (found.over(work.real_now) or _to_stop(work, run)):",
        ":",
        (f"{WAITING}::test_a_question_is_not_taken_before_it_is_over",),
    ),
    Mutation(
        "guessing: five run ids a minute",
        "handlers/runs/naming.py",
        "    if guesses.locked(work, work.actor_name):\n",
        "    if False:\n",
        (CONFIRM,),
    ),
    Mutation(
        "window: at the start",
        "runbooks/engine/facts.py",
        "    if hours and now and not ",
        "    if False and hours and now and not ",
        ("tests/unit/bot/trial/test_trial.py::test_a_case_says_when_it_is",),
    ),
    Mutation(
        "host key: told in the middle of a run, too",
        "runbooks/runs/notices.py",
        "    if hosts:\n",
        "    if False:\n",
        ("tests/unit/handlers/runs/test_failing.py::test_another_host_key_between_two_steps",),
    ),
    Mutation(
        "login: a host that refuses us is asked once",
        "runbooks/runs/endings.py",
        ' and found.refused != "login"',
        "",
        ("tests/unit/handlers/runs/test_failing.py::test_a_refused_login_is_not_tried_until_the_account_is_locked",),
    ),
    Mutation(
        "left behind: found by the mark in its environment",
        "runbooks/remote/command.py",
        'export ZHIBAN_RUN="$n"; ',
        "",
        ("tests/unit/handlers/runs/test_failing.py::test_what_a_killed_command_leaves_behind_is_named",),
    ),
    Mutation(
        "secrets: not in our own log",
        "runbooks/remote/ssh.py",
        "        asyncssh.set_log_level(logging.WARNING)",
        "        asyncssh.set_log_level(logging.INFO)",
        ("tests/unit/handlers/runs/test_private.py::test_a_secret_that_is_sent_stands_nowhere_either",),
    ),
    Mutation(
        "inventory: nothing runs while it cannot be read",
        "runbooks/planning/from_line.py",
        "    if wrong:\n",
        "    if False:\n",
        ("tests/unit/handlers/runs/test_servers_off.py",),
    ),
    Mutation(
        "inventory: a runbook that names what is not there does not run",
        "runbooks/planning/from_line.py",
        "    if misfits := unfit(catalogue, site, definition):\n",
        "    if misfits := ():\n",
        ("tests/unit/handlers/runs/test_servers_off.py",),
    ),
)
