"""XML from outside, read strictly: no DTD, no entities, nothing said twice (defusedxml)."""

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from bot.adapters.common.ingress import BadRequest

_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # signs that XML 1.0 has no way to say


def encrypted_of(body: bytes) -> str:
    """The ciphertext of a callback's envelope: the one ``<Encrypt>`` right below ``<xml>``; ``BadRequest`` otherwise."""
    root = _read(body)
    found = list(root.iter("Encrypt"))
    if len(found) != 1 or found[0] not in list(root) or len(found[0]) or not found[0].text:
        raise BadRequest(400, "bad_body")
    return found[0].text


def fields_of(message: bytes) -> dict[str, str]:
    """The fields right below ``<xml>`` of a decrypted message; ``BadRequest`` when one comes twice.

    A control character that somebody typed must not lose the message.
    """
    root = _read(_NO_XML.sub(b" ", message))
    names = [child.tag for child in root]
    if len(names) != len(set(names)):
        raise BadRequest(400, "ambiguous")
    return {child.tag: child.text or "" for child in root}


def _read(body: bytes) -> Element:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        raise BadRequest(400, "bad_body") from None
    if root.tag != "xml":
        raise BadRequest(400, "bad_body")
    return root
