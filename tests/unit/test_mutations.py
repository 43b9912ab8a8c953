"""The guards that the mutations take away are where the list says, and so are the tests that must notice."""

import re

import pytest

from tests.soak.mutation.__main__ import MUTATIONS
from tests.soak.mutation.mutations import Mutation
from tests.support.paths import ROOT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_list_is_up_to_date(mutation: Mutation) -> None:
    """Found here in a second, not after hours in the long run."""
    assert (ROOT / mutation.path).read_text("utf-8").count(mutation.old) == 1
    assert mutation.tests
    for named in mutation.tests:
        path, _, test = named.partition("::")
        name = test.partition("[")[0]
        text = (ROOT / path).read_text("utf-8") if (ROOT / path).is_file() else ""
        assert (ROOT / path).exists(), named
        assert not name or re.search(rf"^\s*(?:async )?def {name}\(", text, re.MULTILINE), named
