"""A server of mail on loopback, as strict as real ones: STARTTLS or TLS, and AUTH, are required.

Speaks in lines of JSON: the first tells the port and the file of its authority; then each question
gets an answer. Ends with its input.

  {"do": "behave", "rcpt": "550 5.1.1 no", "data": "451 later", "drop": true, "hold": true}
  {"do": "wait", "count": 2, "within": 10}    what has arrived, once it is so many
  {"do": "release"}                           answers what was held
"""

import asyncio
import datetime
import ipaddress
import json
import logging
import ssl
import sys
import tempfile
import threading
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = b"switchroom", b"p@ss/word"

logging.getLogger("mail.log").setLevel(logging.CRITICAL)
logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def make_certificates(folder, name):
    """An authority, and a certificate of it for a name."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def named(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def make(subject, key, issuer, signer, extensions):
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
        )
        for extension, is_critical in extensions:
            builder = builder.add_extension(extension, critical=is_critical)
        return builder.sign(signer, hashes.SHA256())

    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = make(
        "Test authority",
        authority_key,
        "Test authority",
        authority_key,
        [(x509.BasicConstraints(ca=True, path_length=0), True)],
    )
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        alternative = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    leaf = make(
        name,
        key,
        "Test authority",
        authority_key,
        [(x509.SubjectAlternativeName([alternative]), False)],
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    (folder / "leaf.pem").write_bytes(
        leaf.public_bytes(pem)
        + key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


class Handler:
    def __init__(self):
        self.arrived = []
        self.has_arrived = asyncio.Condition()
        self.behaviour = {}
        self.held = asyncio.Event()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "rcpt" in self.behaviour:
            return self.behaviour["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        async with self.has_arrived:
            self.arrived.append(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "mail": envelope.content.decode("utf-8", "surrogateescape"),
                    "is_encrypted": session.ssl is not None
                    or server.transport.get_extra_info("ssl_object") is not None,
                    "user": (session.auth_data or b"").decode(),
                }
            )
            self.has_arrived.notify_all()
        if self.behaviour.get("drop"):
            server.transport.abort()
        if self.behaviour.get("hold"):
            await self.held.wait()
        return self.behaviour.get("data", "250 OK")


def authenticate(server, session, envelope, mechanism, data):
    is_known = (data.login, data.password) == (USER, PASSWORD)
    if not is_known:
        return AuthResult(success=False, handled=False)
    return AuthResult(success=True, auth_data=data.login)


async def answer(handler, question):
    if question["do"] == "behave":
        handler.behaviour = question
    elif question["do"] == "release":
        handler.held.set()
    elif question["do"] == "wait":
        async with handler.has_arrived:
            enough = handler.has_arrived.wait_for(
                lambda: len(handler.arrived) >= question["count"]
            )
            try:
                await asyncio.wait_for(enough, question["within"])
            except asyncio.TimeoutError:
                pass
        return {"arrived": handler.arrived}
    return {}


async def main(mode, name, folder):
    make_certificates(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem")
    handler = Handler()
    strict = {"authenticator": authenticate, "auth_required": True, "timeout": 120}
    if mode == "starttls":
        strict |= {"tls_context": context, "require_starttls": True}
    elif mode == "smtps":
        strict |= {"auth_require_tls": False}
    else:
        strict = {"timeout": 120}
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, **strict),
        "127.0.0.1",
        0,
        ssl=context if mode == "smtps" else None,
    )
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "ca": str(folder / "ca.pem")}), flush=True)

    loop, questions = asyncio.get_running_loop(), asyncio.Queue()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(questions.put_nowait, json.loads(line))
        loop.call_soon_threadsafe(questions.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (question := await questions.get()) is not None:
        print(json.dumps(await answer(handler, question)), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(sys.argv[1], sys.argv[2], Path(folder)))
