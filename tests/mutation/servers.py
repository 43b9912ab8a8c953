"""The guards about what runs: the hash, the floors, the locks, once and never twice, steps that go together."""

from tests.mutation.mutations import Mutation

CONFIRM = "tests/handlers/runs/test_confirm.py"
MACHINE = "tests/handlers/runs/test_machine.py"
PLANNER = "tests/runbooks/test_planner.py"
TOGETHER = "tests/runbooks/test_together.py"

SERVERS = (
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
        "floor: nodes in service",
        "runbooks/balance.py",
        "    if after >= before:\n        return\n",
        "    return\n",
        ("tests/handlers/runs/test_servers.py::test_the_floor_is_refused_before_anybody_is_asked",),
    ),
    Mutation(
        "hash: of the file that is put back",
        "runbooks/edits.py",
        "        if now != edit.new_sha256:\n",
        "        if False:\n",
        ("tests/handlers/runs/test_cut.py::test_a_file_that_is_not_ours_any_more_is_left",),
    ),
    Mutation(
        "hash: of the file that is written",
        "runbooks/execute.py",
        "        if await hash_there(self._remote, step.target, edit, write_path(write)) != edit.new_sha256:\n",
        "        if False:\n",
        ("tests/runbooks/test_execute.py::test_a_file_that_did_not_arrive_whole_is_never_put_in_place",),
    ),
    Mutation(
        "floor: nodes out of service",
        "runbooks/balance.py",
        " or out > service.max_unavailable:\n",
        ":\n",
        ("tests/runbooks/test_nginx.py", "tests/runbooks/test_rolling.py", "tests/handlers/runs/test_servers.py"),
    ),
    Mutation(
        "floor: looked at again in the roll",
        "runbooks/execute.py",
        "            await self._floor_holds(step)\n",
        "",
        ("tests/runbooks/test_rolling.py",),
    ),
    Mutation(
        "together: on record before the first is sent",
        "runbooks/together.py",
        "            if not store_steps.begin_steps(work, self._run, self._first, self._steps):\n",
        "            if False:\n",
        (f"{TOGETHER}::test_all_are_read_some_at_a_time",),
    ),
    Mutation(
        "together: a cancel lets no more begin",
        "runbooks/store_steps.py",
        ", _run.c.stop.is_(False))\n    now",
        ")\n    now",
        (f"{TOGETHER}::test_a_cancel_lets_what_began_end_and_begins_nothing_more",),
    ),
    Mutation(
        "together: no more at once than the runbook says",
        "runbooks/together.py",
        "range(self._steps[0].at_once)",
        "range(len(self._steps))",
        (f"{TOGETHER}::test_all_are_read_some_at_a_time",),
    ),
    Mutation(
        "together: one that is lost is not passed over",
        "runbooks/together.py",
        "        if self._lost is not None:\n",
        "        if False:\n",
        (f"{TOGETHER}::test_one_that_is_lost_leaves_the_run_unknown",),
    ),
    Mutation(
        "together: the first that failed ends it",
        "runbooks/together.py",
        "            if self._results[place].fault is not None:\n",
        "            if False:\n",
        (f"{TOGETHER}::test_one_that_fails_does_not_keep_the_others_from_being_read",),
    ),
    Mutation(
        "together: only what reads",
        "runbooks/planner.py",
        "wave=s.wave if reads else 0",
        "wave=s.wave",
        (f"{PLANNER}::test_within_what_changes_something_hosts_take_turns",),
    ),
)
