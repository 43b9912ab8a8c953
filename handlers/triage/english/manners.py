"""The thanks and stops around what an English line says."""

import re

_MANNERS = re.compile(
    r"\b(?:(?:many |much |so )?thanks(?: (?:a lot|so much|a million|very much|a bunch|again|everyone|all|guys|"
    r"team|for (?:your|the) (?:\w{1,12} ){0,2}\w{2,12}))?|thank you(?: (?:so|very) much)?(?: (?:everyone|all|"
    r"guys|team|again|for (?:your|the) (?:\w{1,12} ){0,2}\w{2,12}))?|"
    r"much appreciated|appreciate it|cheers(?: mate)?|mate|buddy|guys|folks|sir|madam|team|dear|"
    r"have a (?:nice|good|great) (?:day|one|weekend|evening))\b|[!~.,;:👍🙏👌✅🎉😀😊🙂❤️]"
)


def without_manners(text: str) -> str:
    """The line without its thanks and stops."""
    return " ".join(_MANNERS.sub(" ", text).split())
