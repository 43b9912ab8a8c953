"""The guards of a run's page: who opens its link, when, and what stands on it."""

from tests.soak.mutation.mutations import Mutation

PAGE = "tests/unit/bot/console/test_run_page.py"
LINKS = "tests/unit/bot/work/test_links.py"

PAGES = (
    Mutation(
        "page: the signature",
        "bot/work/links.py",
        "            if not hmac.compare_digest(signature.encode(), self._sign(_PAGE + body).encode()):\n",
        "            if False:\n",
        (f"{PAGE}::test_everything_that_does_not_open_gets_the_same_answer",),
    ),
    Mutation(
        "page: until when",
        "bot/work/links.py",
        "        return given if now < given.until else None\n",
        "        return given\n",
        (f"{PAGE}::test_it_expires_after_a_day_and_not_before",),
    ),
    Mutation(
        "page: a link that presses shows nothing",
        "bot/work/links.py",
        '_PAGE = "page."',
        '_PAGE = ""',
        (f"{LINKS}::test_a_link_of_one_kind_is_none_of_the_other",),
    ),
    Mutation(
        "page: of this run",
        "bot/console/pages.py",
        ' or link.page != f"{name}/{subject}"',
        "",
        (f"{PAGE}::test_everything_that_does_not_open_gets_the_same_answer",),
    ),
    Mutation(
        "page: role read again",
        "handlers/runs/pages.py",
        "        policy.check_part(story.run, reading.reader)\n",
        "        pass\n",
        (f"{PAGE}::test_the_role_is_read_again_when_it_is_opened",),
    ),
    Mutation(
        "page: no link in a group",
        "bot/work/speech.py",
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
