"""What the row of a run keeps of its plan: the plan as plain data with the version of that form; written and read here alone."""

from typing import Any, Final

from pydantic import TypeAdapter

from runbooks.planning.plan import Plan, plan_json

VERSION = 1  # raise it when a field of the plan changes its meaning, and let ``read_plan`` translate the forms before
_UNVERSIONED = 0  # the form of before there were versions, with the same fields
_PLAN: Final = TypeAdapter(Plan)


def write_plan(plan: Plan) -> dict[str, Any]:
    """The plan for the database."""
    return {"version": VERSION, **plan_json(plan)}


def read_plan(stored: dict[str, Any]) -> Plan:
    """The plan from the database, equal to the one that was written, with the same hash.

    Raises ``ValueError`` for what is no plan, or has the form of a newer program: nothing of it may run.
    """
    version = stored.get("version", _UNVERSIONED)
    if version not in {_UNVERSIONED, VERSION}:
        raise ValueError(f"a stored plan has the form {version}, this program reads {VERSION}")
    return _PLAN.validate_python({name: value for name, value in stored.items() if name != "version"})
