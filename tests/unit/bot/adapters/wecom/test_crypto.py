"""Whatever is no such block is refused in one plain way, whatever its bytes."""

import base64

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.wecom.crypto import Crypto, CryptoError, Fault

KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno0A"
RECEIVER = "ww1234567890abcdef"
RANDOM = b"0123456789abcdef"


def crypto() -> Crypto:
    return Crypto("token", KEY, RECEIVER)


def sealed(padded: bytes) -> str:
    """Any bytes under the right key: what a broken or hostile sender who knows it could send."""
    key = base64.b64decode(KEY + "=")
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def block(length: int, message: bytes, receiver: bytes = RECEIVER.encode()) -> bytes:
    """A block that says ``length``; padded rightly."""
    plain = RANDOM + length.to_bytes(4, "big") + message + receiver
    pad = 32 - len(plain) % 32
    return plain + bytes([pad]) * pad


def kind(encrypted: str) -> Fault:
    with pytest.raises(CryptoError) as refused:
        crypto().decrypt(encrypted)
    return refused.value.kind


@pytest.mark.parametrize(
    ("why", "encrypted"),
    [
        ("nothing", ""),
        ("no base64", "不是密文"),
        ("base64 with a blank", "AAAA AAAA"),
        ("no multiple of the cipher's block", base64.b64encode(b"x" * 17).decode()),
        ("no multiple of 32", sealed(block(1, b"x")[:48])),
        ("pad byte 0", sealed(block(1, b"x")[:-1] + b"\0")),
        ("pad byte 33", sealed(block(1, b"x")[:-1] + b"\x21")),
        ("pad bytes that differ", sealed(block(13, b"x" * 13)[:-2] + b"\1\2")),
        ("shorter than its head", sealed(b"x" * 12 + b"\x14" * 20)),
        ("longer length than there is", sealed(block(4000, b"x"))),
        ("the longest length", sealed(block(2**32 - 1, b"x"))),
    ],
)
def test_what_is_no_block_is_a_bad_body(why: str, encrypted: str) -> None:
    assert kind(encrypted) is Fault.BODY, why


@pytest.mark.parametrize("length", [0, 12, 14])
def test_a_length_that_is_off_moves_the_receiver(length: int) -> None:
    assert kind(sealed(block(length, b"x" * 13))) is Fault.RECEIVER


@pytest.mark.parametrize("pad", range(1, 33))
def test_every_pad_length_is_read(pad: int) -> None:
    message = b"m" * (64 - 20 - len(RECEIVER) - pad)
    encrypted = sealed(block(len(message), message))
    assert crypto().decrypt(encrypted) == message
    assert crypto().encrypt(message, prefix=RANDOM) == encrypted


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    for encrypted in (base64.b64encode(data).decode(), sealed(data + b"\0" * (-len(data) % 16))):
        with pytest.raises(CryptoError):  # random bytes name no receiver of ours
            crypto().decrypt(encrypted)


@pytest.mark.parametrize("signature", ["", "签名", "\udcff", "A" * 40])
def test_a_strange_signature_is_only_wrong(signature: str) -> None:
    with pytest.raises(CryptoError, match="bad_signature"):
        crypto().verify(signature, "1700000000", "\udcff", "AAAA")


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "A", KEY[:-1] + "+", KEY[:-1] + "=", KEY + "\n"])
def test_a_key_of_another_shape_is_named(key: str) -> None:
    with pytest.raises(ValueError, match="43 letters and digits"):
        Crypto("token", key, RECEIVER)


def test_two_encryptions_of_one_message_differ() -> None:
    assert crypto().encrypt(b"x") != crypto().encrypt(b"x")
