"""Mail, to a real server on loopback."""

from __future__ import annotations

import email
import email.policy
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from pipeline.backends.channels.mail import MailChannel, Server
from pipeline.backends.channels.mail_message import Letterhead, mail_of
from pipeline.core.alerts.read_channels import parse_address
from pipeline.core.messages.form import Voice
from pipeline.ports import SendFailed
from pipeline.records import Message, Quote, StorySoFar
from tests.builders import alert, message
from tests.contracts.channels.kinds import AT, at, given
from tests.contracts.channels.mail_server import MailServer
from tests.contracts.channels.receivers import HOSTILE

CERTIFICATE = Path(__file__).parents[2] / "data" / "tls" / "localhost.pem"
STORY = StorySoFar(id="s1", articles=2, sources=("The Example",))


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()


def head(*to: str, sender: str = "Almenara <almenara@news.example>") -> Letterhead:
    found = [parse_address(one) for one in (sender, *(to or ("desk@news.example",)))]
    addresses = [one for one in found if one is not None]
    assert len(addresses) == len(found)
    return Letterhead("desk", addresses[0], tuple(addresses[1:]), "desk.news.example")


def channel(server: MailServer, *to: str, security: str = "none", host: str = "127.0.0.1", timeout: float = 5,
            tls: ssl.SSLContext | None = None, username: str = "", sender: str = "Almenara <almenara@news.example>",
            ) -> MailChannel:  # fmt: skip
    password = given("S3CRET") if username else None
    target = Server(host, server.port, security, username, password, tls)
    return MailChannel(target, head(*to, sender=sender), at, timeout)


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def serving() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def failed(one: MailChannel, sent: Message, taken: tuple[int, ...] = ()) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await one.send(sent, "k1", taken)
    await one.close()
    assert "S3CRET" not in str(caught.value)
    assert "news.example" not in str(caught.value)  # nor whom it was for
    return caught.value


async def test_what_a_mail_holds(server: MailServer) -> None:
    one = channel(server, "Redacción «Ñ» <desk@news.example>", "b@news.example")
    quotes = (Quote(field="text", text="The \x02troops\x03 came."),)
    await one.send(message(alert("a1", title="Ñandú: 国会 <b>", quotes=quotes)), "k1")
    (got,) = server.delivered
    mail = got.mail
    assert (got.sender, got.to) == ("almenara@news.example", ("desk@news.example", "b@news.example"))
    assert mail["Subject"].startswith("[high] Ñandú: 国会 <")
    assert mail["To"].addresses[0].display_name == "Redacción «Ñ»"
    assert mail["Date"].datetime == AT
    assert (mail["Message-ID"], mail["List-Id"]) == ("<k1@news.example>", "desk <desk.news.example>")
    assert (mail["Auto-Submitted"], mail["Importance"]) == ("auto-generated", "high")
    assert "> The troops came." in got.text("plain").splitlines()
    assert "<blockquote" in got.text("html")
    assert "The <b>troops</b> came." in got.text("html")
    assert "https://news.example.org/a1" in got.text("plain")
    assert all(len(line) <= 998 for line in got.raw.split(b"\r\n"))
    await one.close()


async def test_mails_about_a_story_are_one_thread(server: MailServer) -> None:
    one = channel(server)
    await one.send(message(alert("a1"), story=STORY), "k1")
    await one.send(message(alert("a2"), story=STORY, kind="follow_up"), "k2")
    await one.send(message(alert("a3", story_id="s2")), "k3")
    first, second, other = (got.mail for got in server.delivered)
    assert first["References"] == second["References"] == second["In-Reply-To"]
    assert other["References"] != first["References"]
    assert len({got.mail["Message-ID"] for got in server.delivered}) == 3
    await one.close()


@pytest.mark.parametrize(
    "text",
    [
        "x\r\nBcc: c@evil.example\r\n\r\nbody",
        "x\nBcc: c@evil.example",
        "x\x0b\x0c\x85\u2028Bcc: y",
        HOSTILE,
        "a" * 3000,
    ],
)
async def test_no_title_makes_a_header(server: MailServer, text: str) -> None:
    one = channel(server)
    await one.send(message(alert("a1", title=text, source=text, rule=text, name=text), name=text, rule=text), "k1")
    (got,) = server.delivered
    assert got.to == ("desk@news.example",)
    assert set(got.mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "Auto-Submitted",
        "X-Auto-Response-Suppress", "Importance", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert not any(char in got.mail["Subject"] for char in "\r\n\x1b\u202e")
    await one.close()


def test_no_key_or_name_makes_a_header() -> None:
    address = head()
    mail = mail_of(
        message(alert("a1"), rule="r\r\nX: y"), "k\r\nX: y>",
        Letterhead("c\r\nX: y", address.sender, address.to, "l.x"), AT, Voice(),
    )  # fmt: skip
    read = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    assert "X" not in read


async def test_one_refused_recipient_takes_nothing_from_the_others(server: MailServer) -> None:
    to = ("a@news.example", "b@news.example", "c@news.example")
    server.replies["rcpt TO:<b@"] = "550 5.1.1 S3CRET"
    first = await failed(channel(server, *to), message(alert("a1")))
    assert (first.kind, first.taken) == ("refused", (1, 0, 1))
    assert "recipient 2 of 3" in str(first)
    assert server.delivered[0].to == ("a@news.example", "c@news.example")
    server.replies.clear()
    again = channel(server, *to)
    await again.send(message(alert("a1")), "k1", first.taken)
    assert server.delivered[1].to == ("b@news.example",)
    assert server.delivered[1].mail["Message-ID"] == server.delivered[0].mail["Message-ID"]
    await again.close()


@pytest.mark.parametrize(
    ("command", "reply", "kind"),
    [
        ("connect", "554 S3CRET", "refused"),
        ("connect", "421 S3CRET", "busy"),
        ("MAIL", "550 S3CRET", "broken"),
        ("MAIL", "530 5.7.0 STARTTLS first", "broken"),
        ("MAIL", "452 4.3.1 full", "busy"),
        ("MAIL", "552 5.3.4 too large", "too_long"),
        ("RCPT", "450 4.7.1 greylisted", "busy"),
        ("RCPT", "550 5.1.1 unknown", "refused"),
        ("DATA", "451 4.3.0 later", "busy"),
        ("DATA", "554 5.5.1 no", "refused"),
        (".", "552 5.3.4 too large", "too_long"),
        (".", "451 4.3.0 S3CRET", "busy"),
        (".", "550 5.7.1 S3CRET", "refused"),
    ],
)
async def test_what_the_server_answers(server: MailServer, command: str, reply: str, kind: str) -> None:
    server.replies[command] = reply
    assert (await failed(channel(server), message(alert("a1")))).kind == kind
    assert not server.delivered


@pytest.mark.parametrize(
    ("command", "kind"), [("connect", "unreachable"), ("RCPT", "unreachable"), ("DATA", "unsure"), (".", "unsure")]
)
@pytest.mark.parametrize("how", ["hangs", "closes"])
async def test_how_far_it_came(server: MailServer, how: str, command: str, kind: str) -> None:
    setattr(server, how, command)
    assert (await failed(channel(server, timeout=0.4), message(alert("a1")))).kind == kind


async def test_a_reply_that_never_ends_is_cut(server: MailServer) -> None:
    server.replies["connect"] = "\r\n".join(["220-still going"] * 200_000) + "\r\n220-and on"
    assert (await failed(channel(server, timeout=1), message(alert("a1")))).kind == "unreachable"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_encrypted_with_a_password(security: str) -> None:
    server = MailServer(serving(), at_once=security == "tls", log_in=True)
    one = channel(server, security=security, host="localhost", tls=trusting(), username="almenara")
    await one.send(message(alert("a1")), "k1")
    commands = [command.split(" ")[0].upper() for command in server.commands]
    assert commands.index("AUTH") > (commands.index("STARTTLS") if security == "starttls" else -1)
    assert len(server.delivered) == 1
    await one.close()
    server.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_is_not_trusted(security: str) -> None:
    server = MailServer(serving(), at_once=security == "tls", log_in=True)
    failure = await failed(
        channel(server, security=security, host="localhost", username="almenara"), message(alert("a1"))
    )
    assert failure.kind == "broken"
    assert "certificate is not trusted" in str(failure)
    assert not any(command.startswith("AUTH") for command in server.commands)
    server.close()


async def test_without_encryption_nothing_is_sent(server: MailServer) -> None:
    failure = await failed(channel(server, security="starttls"), message(alert("a1")))
    assert failure.kind == "broken"
    assert "no encryption" in str(failure)
    assert not any(command.startswith("MAIL") for command in server.commands)


async def test_a_wrong_password() -> None:
    server = MailServer(log_in=True)
    server.replies["AUTH"] = "535 5.7.8 S3CRET is wrong"
    failure = await failed(channel(server, username="almenara"), message(alert("a1")))
    assert failure.kind == "broken"
    assert "check its credentials" in str(failure)
    server.close()


async def test_addresses_in_other_scripts(server: MailServer) -> None:
    one = channel(server, "Ñ <desk@exámple.example>", "редакция@пример.example")
    await one.send(message(alert("a1")), "k1")
    assert server.delivered[0].to == ("desk@xn--exmple-qta.example", "редакция@xn--e1afmkfd.example")
    assert any("SMTPUTF8" in command for command in server.commands)
    await one.close()


async def test_a_password_that_smtp_cannot_send() -> None:
    server = MailServer(log_in=True)
    target = Server("127.0.0.1", server.port, "none", "almenara", given("contraseña"))
    one = MailChannel(target, head(), at, 5)
    failure = await failed(one, message(alert("a1")))
    assert failure.kind == "broken"
    assert "contraseña" not in str(failure)
    server.close()
