"""What a platform's bad days do to a request: sorted for the sender, bounded, never trusted blindly (faults F47 to F54)."""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.adapters.common.http import ANSWER_LIMIT, Http
from bot.core.errors import Temporary
from tests.support.ports import free_port


async def answer(request: web.Request) -> web.StreamResponse:
    """What the path says."""
    match request.match_info["what"]:
        case "limited":
            return web.Response(status=429, headers={"Retry-After": "30"})
        case "odd-limit":
            return web.Response(status=429, headers={"Retry-After": "soon"})
        case "broken":
            return web.Response(status=503)
        case "moved":
            return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest/"})
        case "huge":
            return web.Response(body=b"x" * (ANSWER_LIMIT + 1))
        case "text":
            return web.Response(text="ok")
        case "drip":
            response = web.StreamResponse()
            await response.prepare(request)
            for _ in range(100):
                await response.write(b" ")
                await asyncio.sleep(0.1)
            return response
        case "hang":
            await asyncio.sleep(5)
        case _:
            pass
    return web.json_response({"said": (await request.json())["text"] if request.can_read_body else ""})


@pytest.fixture
async def platform() -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_route("*", "/{what}", answer)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http(total=0.5)
    yield client
    await client.close()


@pytest.mark.parametrize(
    ("method", "what", "retry_after", "uncertain"),
    [
        ("POST", "limited", 30.0, False),
        ("POST", "odd-limit", None, False),
        ("POST", "broken", None, True),
        ("GET", "broken", None, False),
        ("POST", "hang", None, True),
        ("GET", "hang", None, False),
        ("POST", "drip", None, True),
        ("POST", "huge", None, True),
    ],
)
async def test_what_is_worth_another_try_and_whether_it_may_have_arrived(
    platform: TestServer, http: Http, method: str, what: str, retry_after: float | None, uncertain: bool
) -> None:
    started = asyncio.get_running_loop().time()
    with pytest.raises(Temporary) as caught:
        await http.json(method, str(platform.make_url(f"/{what}")))
    assert (caught.value.retry_after, caught.value.uncertain) == (retry_after, uncertain)
    assert asyncio.get_running_loop().time() - started < 2


async def test_a_redirect_is_not_followed_and_text_is_no_object(platform: TestServer, http: Http) -> None:
    moved = await http.json("POST", str(platform.make_url("/moved")))
    assert (moved.status, moved.data) == (302, {})
    assert (await http.json("POST", str(platform.make_url("/text")))).data == {}
    assert (await http.json("POST", str(platform.make_url("/x")), json={"text": "好"})).data == {"said": "好"}


async def test_nobody_listening_has_taken_nothing(http: Http) -> None:
    with pytest.raises(Temporary) as caught:
        await http.json("POST", f"http://127.0.0.1:{free_port()}/x")
    assert not caught.value.uncertain
    with pytest.raises(Temporary) as caught:
        await http.json("POST", "http://no-such-host.invalid/x")
    assert not caught.value.uncertain


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "private deployment")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain),
    )
    return cert, private


async def test_an_unknown_certificate_is_refused_and_ones_own_authority_is_taken(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    app = web.Application()
    app.router.add_route("*", "/{what}", answer)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    url = str(server.make_url("/x"))
    strict, knowing = Http(), Http(ca_file=str(cert))
    try:
        with pytest.raises(Temporary) as caught:
            await strict.json("POST", url, json={"text": "secret"})
        assert "Certificate" in caught.value.reason
        assert not caught.value.uncertain
        assert (await knowing.json("POST", url, json={"text": "x"})).data == {"said": "x"}
    finally:
        await strict.close()
        await knowing.close()
        await server.close()
