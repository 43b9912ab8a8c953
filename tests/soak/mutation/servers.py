"""The guards about what runs: the hash, the floors, the locks, once and never twice, steps that go together."""

from tests.soak.mutation.mutations import Mutation

CONFIRM = "tests/unit/handlers/runs/test_confirm.py"
MACHINE = "tests/unit/handlers/runs/test_machine.py"
PLANNER = "tests/unit/runbooks/planning/test_planner.py"
TOGETHER = "tests/unit/runbooks/runs/test_parallel.py"

SERVERS = (
    Mutation(
        "hash: what would run now",
        "runbooks/runs/worker.py",
        "        return asking.bound(run, plan, self._keys(plan)) == run.hash\n",
        "        return True\n",
        (
            "tests/unit/handlers/runs/test_servers.py::test_8_9_a_file_edited_between_plan_and_confirm_voids_and_is_named",
        ),
    ),
    Mutation(
        "hash: the pinned keys",
        "runbooks/runs/asking.py",
        "dict(sorted(keys.items())), run.first, *run.done])",
        "{}, run.first, *run.done])",
        (MACHINE,),
    ),
    Mutation(
        "hash: nobody's yes is enough to change something",
        "runbooks/runs/worker.py",
        "            return plan.confirm is Confirm.NONE\n",
        "            return True\n",
        ("tests/unit/handlers/runs/test_machine.py::test_a_runbook_that_began_to_change_things_is_not_run_unasked",),
    ),
    Mutation(
        "once: the host refuses a mark that it has seen",
        "runbooks/remote/command.py",
        '(set -C; : > "$d/$n")',
        '(: > "$d/$n")',
        ("tests/unit/runbooks/remote/test_journal.py::test_the_host_runs_a_mark_once",),
    ),
    Mutation(
        "lock: one run for a target",
        "runbooks/runs/asking.py",
        "    if held:\n        _held(work, run, *held)\n",
        "    if False:\n        _held(work, run, *held)\n",
        (f"{CONFIRM}::test_two_confirmed_on_one_target_are_one",),
    ),
    Mutation(
        "cancel: never between edit and verification",
        "runbooks/runs/run_steps.py",
        "        may_stop = not self._execution.edited\n",
        "        may_stop = True\n",
        ("tests/unit/handlers/runs/test_cut.py::test_a_cancel_after_the_edit_waits_for_its_verification",),
    ),
    Mutation(
        "cancel: at a question between edit and verification the file is put back",
        "runbooks/runs/run_steps.py",
        "not self._execution.edited and await self._cancelled()",
        "await self._cancelled()",
        ("tests/unit/handlers/runs/test_waiting_open_edit.py::test_a_cancel_at_such_a_question_puts_the_file_back",),
    ),
    Mutation(
        "hash: of the file that is put back",
        "runbooks/engine/edits.py",
        "        if now != edit.new_sha256:\n",
        "        if False:\n",
        ("tests/unit/handlers/runs/test_cut.py::test_a_file_that_is_not_ours_any_more_is_left",),
    ),
    Mutation(
        "hash: of the file that is written",
        "runbooks/engine/step.py",
        "        if await hash_there(self._remote, step.target, edit, write_path(write)) != edit.new_sha256:\n",
        "        if False:\n",
        ("tests/unit/runbooks/engine/test_execute.py::test_a_file_that_did_not_arrive_whole_is_never_put_in_place",),
    ),
    Mutation(
        "floor: looked at again in the roll",
        "runbooks/engine/step.py",
        "            await self._floor_holds(step)\n",
        "",
        ("tests/servers/test_rolling.py",),
    ),
    Mutation(
        "together: on record before the first is sent",
        "runbooks/runs/parallel.py",
        "            if not store_steps.begin_steps(work, self._run, self._first, self._steps, may_stop=may_stop):\n",
        "            if False:\n",
        (f"{TOGETHER}::test_all_are_read_some_at_a_time",),
    ),
    Mutation(
        "together: a cancel lets no more begin",
        "runbooks/runs/steps.py",
        "        where.append(_run.c.stop.is_(False))\n    now",
        "        pass\n    now",
        (f"{TOGETHER}::test_a_cancel_lets_what_began_end_and_begins_nothing_more",),
    ),
    Mutation(
        "together: no more at once than the runbook says",
        "runbooks/runs/parallel.py",
        "range(self._steps[0].at_once)",
        "range(len(self._steps))",
        (f"{TOGETHER}::test_all_are_read_some_at_a_time",),
    ),
    Mutation(
        "together: one that is lost is not passed over",
        "runbooks/engine/step.py",
        "None if step.may_fail else StepFault.NO_ANSWER",
        "None",
        (f"{TOGETHER}::test_8_20_one_that_gives_no_answer_is_a_failed_look_and_holds_nothing",),
    ),
    Mutation(
        "together: the first that failed ends it",
        "runbooks/runs/parallel.py",
        "            if self._results[place].fault is not None:\n",
        "            if False:\n",
        (f"{TOGETHER}::test_one_that_fails_does_not_keep_the_others_from_being_read",),
    ),
    Mutation(
        "together: only what reads",
        "runbooks/planning/planner.py",
        "number if reads or number in draft.changing else 0",
        "number",
        (f"{PLANNER}::test_within_what_changes_something_hosts_take_turns",),
    ),
)
