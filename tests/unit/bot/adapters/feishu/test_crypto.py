"""Feishu's signatures and encryption, by recorded vectors."""

import json

import pytest

from bot.adapters.feishu.crypto import decrypt, event_signature, robot_signature
from tests.support.paths import INPUTS
from tests.support.platforms.feishu import encrypted

VECTORS: dict[str, dict[str, str]] = json.loads((INPUTS / "feishu" / "vectors.json").read_text("utf-8"))
IV = b"0123456789abcdef"


def test_a_robot_signs_with_the_secret_in_the_key() -> None:
    vector = VECTORS["feishu_custom_bot"]
    assert robot_signature(vector["timestamp"], vector["secret"]) == vector["sign"]


def test_the_vendor_s_sample_decrypts() -> None:
    vector = VECTORS["feishu_event_decrypt"]
    assert decrypt(vector["encrypt_key"], vector["encrypt"]).decode() == vector["plaintext"]


def test_a_whole_event_both_ways() -> None:
    vector = VECTORS["feishu_event_encrypted"]
    inside = json.loads(vector["body"])["encrypt"]
    assert decrypt(vector["encrypt_key"], inside).decode() == vector["plaintext"]
    assert encrypted(vector["encrypt_key"], vector["plaintext"].encode(), IV) == inside
    signature = event_signature(vector["timestamp"], vector["nonce"], vector["encrypt_key"], vector["body"].encode())
    assert signature == vector["x_lark_signature"]


@pytest.mark.parametrize("length", [1, 15, 16, 17, 31, 32])
def test_every_padding_comes_off(length: int) -> None:
    plain = b"x" * length
    assert decrypt("k", encrypted("k", plain, IV)) == plain


@pytest.mark.parametrize(
    "text", ["", "AAAA", "not base64!", "A" * 43 + "=", encrypted("other", b"x", IV)[:-4], "é" * 44]
)
def test_what_was_not_made_so_is_no_event(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decrypt("k", text)
