"""The buttons that stand below what was said, and how those of a question that has ended go (decisions: Truth).

A post is found by what it is about and rewritten as it stands, without the buttons that are over. Where its platform cannot
rewrite a message they stay, and a late tap is answered in one line.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeAlias

from bot.core.content import Op, Post, from_json, to_json
from bot.work import posts
from bot.work.work import Work

Over: TypeAlias = Callable[[tuple[str, ...]], Collection[str]]
"""Of the actions below one post, those that are over."""


def take_off(work: Work, about: Collection[str], over: Over, *, chat: str | None = None) -> None:
    """Takes the buttons that are ``over`` off every post about one of ``about`` (of ``chat`` alone where it is given).

    What this event itself says is new and left as it is; what it rewrites is rewritten once.
    """
    changed = {(row["adapter"], row["post"]): row for row in work.pending.outbox if row["op"] == Op.UPDATE.value}
    for standing in posts.with_buttons(work, about):
        if chat not in {None, standing.target}:
            continue
        change = changed.get((standing.adapter, standing.key))
        body = change["body"] if change else posts.body_of(work, standing)
        left = _without(from_json(json.loads(body)), over)
        if left is None:
            continue
        if change:
            change["body"] = json.dumps(to_json(left), ensure_ascii=False)
        else:
            kept = {"template": standing.template, "about": standing.about}
            work.put_in_place(standing.key, standing.adapter, standing.target, left, **kept)


def _without(post: Post, over: Over) -> Post | None:
    """The post without the buttons that are over; None where none is."""
    gone = over(tuple(button.action for button in post.buttons))
    if not gone or post.card is None:
        return None
    return replace(
        post, card=replace(post.card, buttons=tuple(button for button in post.buttons if button.action not in gone))
    )
