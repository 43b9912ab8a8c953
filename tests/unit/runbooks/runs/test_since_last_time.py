"""What differs from the last time: every command that does something else, and no name that a run gives anew each time."""

import pytest

from runbooks.runs.layout import changed

RENAMED = {"20261022-0930": "20261130-1015", "20261022": "20261130", "202610": "202611"}
COPY = "lb1: cp /c/nginx.conf /c/.nginx.conf.zhiban-{}"


@pytest.mark.parametrize(
    ("then", "now", "differs"),
    [
        (COPY.format("82d3423034f8"), COPY.format("00ff00ff00ff"), False),
        (COPY.format("new"), COPY.format("new"), False),
        (COPY.format("82d3423034f8"), COPY.format("new"), True),
        (COPY.format("82d3423034f8"), COPY.format("82d3423034f8").replace("lb1", "lb2"), True),
        ("oa1: tar -zcf b-20261022-0930.tgz x", "oa1: tar -zcf b-20261130-1015.tgz x", False),
        ("oa1: tar -zcf b-20261022-0930.tgz x", "oa1: tar -zcf b-20261130-1015.tgz y", True),
        ("oa1: tar -zcf b-20261022-0930.tgz x", "oa1: tar -zcf b-20261022-0931.tgz x", True),  # neither now nor then
        (
            "oa1: unzip KB20261022.zip",
            "oa1: unzip KB20261022.zip",
            False,
        ),  # named by people, on the day of the last run
        ("oa1: unzip KB20261022.zip -d b-20261022", "oa1: unzip KB20261022.zip -d b-20261022", False),
        ("oa1: cat /log/dm_202610.log", "oa1: cat /log/dm_202611.log", False),
        ("oa1: cat /log/dm_202609.log", "oa1: cat /log/dm_202611.log", True),
        ("oa1: mv new old", "oa1: mv old new", True),
    ],
)
def test_8_17_only_what_is_done_otherwise_is_a_difference(then: str, now: str, differs: bool) -> None:
    assert changed([then], [now], RENAMED) == ([f"- {then}", f"+ {now}"] if differs else [])
