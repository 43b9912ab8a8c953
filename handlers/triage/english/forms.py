"""How an English line is brought into one form before its words are looked for: short forms written out, cut into clauses."""

import re

from handlers.triage.text import Clause

_SHORT = {
    "aint": "is not",
    "cannot": "can not",
    "cant": "can not",
    "couldnt": "could not",
    "didnt": "did not",
    "doesnt": "does not",
    "dont": "do not",
    "gimme": "give me",
    "gonna": "going to",
    "hasnt": "has not",
    "havent": "have not",
    "im": "i am",
    "isnt": "is not",
    "its": "it is",
    "ive": "i have",
    "lemme": "let me",
    "mins": "minutes",
    "min": "minutes",
    "nvm": "never mind",
    "nevermind": "never mind",
    "plz": "please",
    "pls": "please",
    "pw": "password",
    "pwd": "password",
    "shouldnt": "should not",
    "somebody": "someone",
    "anybody": "anyone",
    "everybody": "everyone",
    "thx": "thanks",
    "tnx": "thanks",
    "ty": "thanks",
    "wanna": "want to",
    "wasnt": "was not",
    "whats": "what is",
    "whos": "who is",
    "wont": "will not",
    "wouldnt": "would not",
    "yall": "you all",
}
_SHORT_WORD = re.compile(r"\b(?:" + "|".join(sorted(_SHORT, key=len, reverse=True)) + r")\b")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s]{1,500}|[\w.-]{1,60}@[\w.-]{1,60}"
)  # its words are nobody's ("…/login?error=1")
_APOSTROPHES = str.maketrans("’‘`´", "''''")
_NOT = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}
_NEGATED = re.compile(r"\b([a-z]{2,6})n't\b")
_IS = re.compile(
    r"\b(it|that|this|there|here|what|who|where|how|when|he|she|everything|nothing|something|anyone|someone|"
    r"all|vpn|oa)'s\b"
)
_TAILS = (
    (
        re.compile(
            r"\b(\w{2,14})'s (?=(?:now |all |still |just |not )?(?:back|up|down|fixed|working|broken|ok|okay|fine|"
            r"dead|slow|gone|stuck|offline|online|running|restored|again)\b)"
        ),
        r"\1 is ",
    ),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"\b(i|we|you|they)'d\b"), r"\1 would"),
    (re.compile(r"\b(log|sign)(?:ging|ing|ged|ed)? (?:in|on|into|onto)\b"), r"\1 in"),
    (re.compile(r"\bno[- ]one\b"), "nobody"),
    (re.compile(r"\b(can|could) no longer (?!reproduce|see (?:\w{2,4} )?(?:errors?|problems?|issues?)\b)"), r"\1 not "),
    (re.compile(r"\bno longer (able|possible|letting|let|lets)\b"), r"not \1"),
    (re.compile(r"\be[- ]?mail"), "mail"),
)
_STOP = re.compile(
    r"([,!?;…\n]|[.](?![0-9a-z])| [-–—]{1,2} |[–—](?= )|\b(?:but|however|although|though)\b|"
    r"(?<=[a-z]) and (?=now |then |it |i |we |the ))"
)
_WHO = (
    r"(?:it|that|this|these|those|you|u|i|we|they|he|she|there|any(?:one|thing|more)?|some(?:one|thing)|"
    r"every(?:one|thing)|"
    r"nobody|all|your|my|our|the(?! same)|vpn|oa|mail|portal)"
)
ASKS = re.compile(
    r"^(?:(?:so|and|ok|okay|hi|hello|hey|sorry|please|or|quick (?:one|question)|well|um{1,5})[ :]{1,2}){0,3}"
    r"(?:(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|might|shall) (?:not )?"
    + _WHO
    + r"\b|"
    r"(?:what|when|where|who|whom|whose|why|how|which)\b)"
)
"""How a question begins, for people who leave its mark out."""


def written_out(text: str) -> str:
    """A cleaned text without short forms ("can't", "cant", "pls") and addresses, and with one spelling of ``log in``."""
    said = _ADDRESS.sub(" ", text).translate(_APOSTROPHES)
    said = _NEGATED.sub(lambda found: f"{_NOT.get(found[1], found[1])} not", said)
    said = _IS.sub(r"\1 is", said)
    said = _SHORT_WORD.sub(lambda found: _SHORT[found[0]], said)
    for tail, full in _TAILS:
        said = tail.sub(full, said)
    return " ".join(said.split(" "))


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a text that is written out, in order; one that has the form of a question asks, with or without a mark."""
    parts = _STOP.split(text)
    pairs = zip(parts[::2], [*parts[1::2], ""], strict=True)
    found = ((words.strip(" :.\"'()*_~"), stop) for words, stop in pairs)
    return tuple(Clause(words, stop == "?" or ASKS.match(words) is not None) for words, stop in found if words)
