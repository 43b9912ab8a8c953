"""Every tampering with the audit log is found, and an untouched one is never accused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlmodel import Session

from bot.storage.audit_log import Entry, Line, append, head, lines, verify
from bot.storage.tables import AuditRow

AT = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
entries = st.lists(
    st.builds(
        Entry,
        at=st.integers(0, 10**6).map(lambda ms: AT + timedelta(milliseconds=ms)),
        actor=texts,
        action=texts,
        target=texts,
        outcome=texts,
        code=st.none() | texts,
        detail=texts,
    ),
    min_size=2,
    max_size=8,
)


def written(log: list[Entry]) -> tuple[list[Line], tuple[int, str]]:
    """The log as the database gives it back, and its head; every entry in an append of its own."""
    engine = create_engine("sqlite://")
    AuditRow.__table__.create(engine)  # type: ignore[attr-defined]  # SQLModel does not declare the attribute it makes
    with engine.begin() as connection:
        for entry in log:
            append(connection, [entry])
    with Session(engine) as session:
        chain, anchor = list(lines(session)), head(session)
    engine.dispose()
    return chain, anchor


@settings(max_examples=30, deadline=None)
@given(entries)
def test_what_was_written_is_read_back_and_holds(log: list[Entry]) -> None:
    chain, anchor = written(log)
    assert [line.entry for line in chain] == log
    assert verify(chain, anchor) is None


def edited(line: Line, part: str) -> Line:
    """The line with one column changed."""
    value: Any
    if part in {"hash", "prev"}:
        value = "0" * 63 + "1"
    elif part == "seq":
        value = line.seq + 100
    elif part == "at":
        value = line.entry.at + timedelta(seconds=1)
    else:
        value = f"{getattr(line.entry, part)}x"
    change: dict[str, Any] = {part: value}
    return replace(line, **change) if hasattr(line, part) else replace(line, entry=replace(line.entry, **change))


@settings(max_examples=60, deadline=None)
@given(
    entries,
    st.data(),
    st.sampled_from(["actor", "action", "target", "outcome", "code", "detail", "at", "hash", "prev", "seq"]),
)
def test_an_edit_is_found_at_its_row(log: list[Entry], data: st.DataObject, part: str) -> None:
    chain, _ = written(log)
    place = data.draw(st.integers(0, len(chain) - 1))
    line = chain[place]
    chain[place] = edited(line, part)
    found = verify(chain)
    assert found is not None
    assert f"row {place + 1}" in found


@settings(max_examples=30, deadline=None)
@given(entries, st.data())
def test_a_deleted_row_and_two_exchanged_ones_are_found(log: list[Entry], data: st.DataObject) -> None:
    chain, _ = written(log)
    place = data.draw(st.integers(0, len(chain) - 2))
    without = chain[:place] + chain[place + 1 :]
    exchanged = [*chain[:place], chain[place + 1], chain[place], *chain[place + 2 :]]
    assert verify(without) is not None
    assert verify(exchanged) is not None


def test_a_cut_tail_is_found_against_the_anchor_alone() -> None:
    chain, anchor = written([Entry(AT, "zhou", "restart", f"oa{n}") for n in range(1, 6)])
    assert verify(chain[:3]) is None
    found = verify(chain[:3], anchor)
    assert found is not None
    assert "after 3" in found


def test_a_chain_written_anew_from_the_start_is_found_against_the_anchor() -> None:
    chain, anchor = written([Entry(AT, "zhou", "restart", "oa1"), Entry(AT, "su", "stop", "oa2")])
    forged, _ = written([Entry(AT, "zhou", "restart", "oa1"), Entry(AT, "tang", "stop", "oa2")])
    assert verify(forged) is None
    assert verify(forged, anchor) is not None
    assert verify(chain, anchor) is None


def test_an_empty_log_holds_unless_something_was_anchored() -> None:
    assert verify([]) is None
    assert verify([], (1, "0" * 64)) is not None


@pytest.mark.parametrize("count", [1, 7])
def test_rows_of_one_commit_are_chained_like_rows_of_many(count: int) -> None:
    log = [Entry(AT, "zhou", "restart", f"oa{n}") for n in range(count)]
    one_by_one, _ = written(log)
    engine = create_engine("sqlite://")
    AuditRow.__table__.create(engine)  # type: ignore[attr-defined]  # as above
    with engine.begin() as connection:
        append(connection, log)
    with Session(engine) as session:
        assert [line.hash for line in lines(session)] == [line.hash for line in one_by_one]
    engine.dispose()
