"""Links that show a page: whose they are, what they open, for how long; and that nothing else is taken for one."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.work.links import LIFE, Links, Offer, Pass

NOW = datetime.fromisoformat("2026-10-14T10:00:00+08:00")
GIVEN = Pass("zhou", "runs/R17", NOW + LIFE)
BASE = "https://duty.example"
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Links:
    return Links(f"{BASE}/", tmp_path_factory.mktemp("state"))


def token_of(links: Links) -> str:
    address = links.page_url(GIVEN)
    assert address.startswith(f"{BASE}/console/runs/R17?link=")
    return address.partition("?link=")[2]


def test_it_says_whose_it_is_and_what_it_opens(links: Links) -> None:
    token = token_of(links)
    assert links.read_page(token, NOW) == GIVEN
    assert links.read_page(token, NOW + LIFE - timedelta(seconds=1)) == GIVEN
    assert links.read_page(token, NOW + LIFE) is None


def test_a_link_of_one_kind_is_none_of_the_other(links: Links) -> None:
    """Three fields or five: even a signer of one kind could not make the other."""
    tap = links.url(Offer("zhou", "confirm:R17", "确认", "k/0", NOW + LIFE)).rsplit("/", 1)[1]
    assert links.read(tap, NOW) is not None
    assert links.read_page(tap, NOW) is None
    assert links.read(token_of(links), NOW) is None
    assert links.read(f"page.{token_of(links)}", NOW) is None


def test_another_house_does_not_take_it(links: Links, tmp_path: Path) -> None:
    assert Links(BASE, tmp_path).read_page(token_of(links), NOW) is None


@settings(max_examples=2000, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, 10_000), sign=st.sampled_from(SIGNS), how=st.sampled_from(["change", "drop", "put"]))
def test_no_changed_link_is_taken(links: Links, place: int, sign: str, how: str) -> None:
    token = token_of(links)
    place %= len(token)
    kept = "" if how == "change" else token[place]
    other = token[:place] + ("" if how == "drop" else sign + kept) + token[place + 1 :]
    assert (links.read_page(other, NOW) is not None) == (other == token)


@settings(max_examples=2000, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.text(), st.text(alphabet=SIGNS, max_size=300), st.text(st.characters(categories=["Cs", "Cc"]))))
def test_nothing_made_up_is_taken_nor_fails(links: Links, token: str) -> None:
    assert links.read_page(token, NOW) is None
