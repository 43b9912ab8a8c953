"""All published and computed vectors come out, both ways and byte for byte, and three other implementations agree."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto
from wx_crypt import WXBizMsgCrypt, WxChannel_Wecom

from bot.adapters.wecom.crypto import Crypto, CryptoError, Fault
from tests.support.paths import INPUTS

DATA = INPUTS / "wecom"
VECTORS = json.loads((DATA / "vectors.json").read_text("utf-8"))["vectors"]
TOKEN, KEY, CORP = "chatopsTestToken01", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno0A", "ww1234567890abcdef"


@dataclass(frozen=True)
class Vector:
    """One row of the file."""

    id: str
    crypto: Crypto
    signature: str
    timestamp: str
    nonce: str
    ciphertext: str
    plaintext: bytes
    prefix: bytes
    expect: str


def vectors(expected: str) -> list[Vector]:
    """The rows whose ``expect`` starts so."""
    return [
        Vector(
            v["id"],
            Crypto(v["token"], v["encoding_aes_key"], v["receive_id"]),
            v["msg_signature"],
            v["timestamp"],
            v["nonce"],
            v["ciphertext"],
            v["plaintext"].encode(),
            v["random16"].encode(),
            v["expect"],
        )
        for v in VECTORS
        if v["expect"].startswith(expected)
    ]


def test_the_file_is_whole() -> None:
    assert (len(vectors("ok")), len(vectors("reject"))) == (6, 3)


@pytest.mark.parametrize("v", vectors("ok"), ids=lambda v: v.id)
def test_a_vector_comes_out_both_ways(v: Vector) -> None:
    v.crypto.verify(v.signature, v.timestamp, v.nonce, v.ciphertext)
    assert v.crypto.decrypt(v.ciphertext) == v.plaintext
    assert v.crypto.encrypt(v.plaintext, prefix=v.prefix) == v.ciphertext
    assert v.crypto.signature(v.timestamp, v.nonce, v.ciphertext) == v.signature


@pytest.mark.parametrize("v", vectors("reject: signature mismatch"), ids=lambda v: v.id)
def test_a_changed_signature_or_ciphertext_is_refused(v: Vector) -> None:
    with pytest.raises(CryptoError) as refused:
        v.crypto.verify(v.signature, v.timestamp, v.nonce, v.ciphertext)
    assert refused.value.kind is Fault.SIGNATURE


@pytest.mark.parametrize("v", vectors("reject: signature ok but receive id"), ids=lambda v: v.id)
def test_another_receiver_is_refused(v: Vector) -> None:
    v.crypto.verify(v.signature, v.timestamp, v.nonce, v.ciphertext)
    with pytest.raises(CryptoError) as refused:
        v.crypto.decrypt(v.ciphertext)
    assert refused.value.kind is Fault.RECEIVER


@pytest.mark.parametrize("v", vectors("ok"), ids=lambda v: v.id)
@pytest.mark.parametrize("field", ["timestamp", "nonce"])
def test_time_and_nonce_are_signed_too(v: Vector, field: str) -> None:
    signed = {"timestamp": v.timestamp, "nonce": v.nonce, field: getattr(v, field) + "1"}
    with pytest.raises(CryptoError):
        v.crypto.verify(v.signature, signed["timestamp"], signed["nonce"], v.ciphertext)


texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
receivers = st.sampled_from(["", CORP, "wx5823bf96d3bd56c7"])


@settings(max_examples=150, deadline=None)
@given(text=texts, receiver=receivers)
def test_wechatpy_reads_ours_and_we_read_wechatpys(text: str, receiver: str) -> None:
    ours, theirs = Crypto(TOKEN, KEY, receiver), WeChatCrypto(TOKEN, KEY, receiver)
    encrypted = ours.encrypt(text.encode())
    signature = ours.signature("1700000000", "n1", encrypted)
    assert theirs.check_signature(signature, "1700000000", "n1", encrypted) == text
    envelope = theirs.encrypt_message(text, "n2", "1700000001")
    encrypted, signature = _between(envelope, "Encrypt"), _between(envelope, "MsgSignature")
    ours.verify(signature, "1700000001", "n2", encrypted)
    assert ours.decrypt(encrypted) == text.encode()


@settings(max_examples=150, deadline=None)
@given(text=texts, receiver=receivers)
def test_wx_crypt_reads_ours_and_we_read_wx_crypts(text: str, receiver: str) -> None:
    ours, theirs = Crypto(TOKEN, KEY, receiver), WXBizMsgCrypt(TOKEN, KEY, receiver, channel=WxChannel_Wecom)
    now = str(int(time.time()))
    encrypted = ours.encrypt(text.encode())
    code, plain = theirs.VerifyURL(ours.signature(now, "n1", encrypted), now, "n1", encrypted)
    assert (code, plain) == (0, text.encode())
    code, envelope = theirs.EncryptMsg(text.encode(), "n2", now)
    assert code == 0
    encrypted = _between(envelope, "Encrypt")
    ours.verify(_between(envelope, "MsgSignature"), now, "n2", encrypted)
    assert ours.decrypt(encrypted) == text.encode()


def test_wecoms_own_package_makes_and_reads_the_same_bytes() -> None:
    """``@wecom/crypto`` of npm, run by node, over the vectors' texts and every pad length."""
    node = shutil.which("node")
    if node is None and not os.environ.get("CI"):
        pytest.skip("needs node: apt-get install nodejs")
    assert node is not None, "needs node: apt-get install nodejs"
    texts = [v["plaintext"] for v in VECTORS] + ["灯" + "x" * n for n in range(40)] + ["<xml>]]></xml>", '{"msgid": 1}']
    rows = []
    for number, text in enumerate(texts):
        receiver, random = ("", CORP)[number % 2], f"random{number:010d}"
        encrypted = Crypto(TOKEN, KEY, receiver).encrypt(text.encode(), prefix=random.encode())
        row = {"token": TOKEN, "key": KEY, "receiver": receiver, "timestamp": "1700000000", "nonce": f"n{number}"}
        rows.append(row | {"random": random, "text": text, "ciphertext": encrypted})
    ran = subprocess.run(
        [node, DATA / "crosscheck.cjs"], input=json.dumps(rows).encode(), capture_output=True, check=True
    )
    for row, theirs in zip(rows, json.loads(ran.stdout), strict=True):
        ours = Crypto(TOKEN, KEY, row["receiver"])
        assert theirs["ciphertext"] == row["ciphertext"]
        assert (theirs["text"], theirs["receiver"]) == (row["text"], row["receiver"])
        assert theirs["signature"] == ours.signature(row["timestamp"], row["nonce"], row["ciphertext"])


def _between(envelope: str | bytes, tag: str) -> str:
    text = envelope if isinstance(envelope, str) else envelope.decode()
    inside = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return inside.removeprefix("<![CDATA[").removesuffix("]]>")
