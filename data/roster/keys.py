"""Words that people write in more than one way, made comparable."""

import unicodedata


def key(text: str) -> str:
    """Without blanks of any kind and invisible characters, full-width signs as usual ones, upper case as lower."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if not char.isspace() and unicodedata.category(char) != "Cf")


def digits(text: str) -> str:
    """The digits of a phone number, however it is grouped."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isascii() and char.isdigit())
