"""What the services of Apprise take: our limits are never above theirs, and bytes are counted where they count them."""

from __future__ import annotations

import pytest
from apprise import NotifyBase
from apprise.apprise import N_MGR

from pipeline.backends.channels import services
from pipeline.backends.channels.apprise_service import _opened
from pipeline.backends.channels.services import service_of
from pipeline.core.messages.form import Limit, Medium
from pipeline.core.messages.split import measure
from pipeline.core.messages.write import written
from tests.core.messages.samples import MADRID, message, vote

URLS = (
    f"discord://123456789012345678/{'abcdefgh' * 9}", "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "slack://AAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc/#general", "rocket://user:pass@localhost/#general",
    "mmost://localhost/3ccdd113474722377935511fc85d3dd4", "gchat://workspace/key/token", "ntfy://topic",
    "dingtalk://12345678/15551234567", "feishu://abcdefghijklmnopqrstuvwxyz012345", "ncloud://localhost/user",
    "pover://" + "u" * 30 + "@" + "t" * 30, "gotify://localhost/abcdefghijklmn", "json://localhost", "xml://localhost",
    "bark://localhost/abcdefghijklmnop", "twist://user@example.org/pass", "irc://localhost/#general",
    "zulip://bot@org/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/stream", "synology://localhost/token",
)  # fmt: skip
#: Where we know that a service takes more than Apprise says.
MORE = ("NotifyWorkflows", "NotifyEmail", "NotifyMatrix")


def opened(url: str) -> NotifyBase:
    return _opened(url, 1, 5)


def test_every_plugin_that_is_named_exists() -> None:
    opened(URLS[0])
    names = {plugin.__name__ for plugin in N_MGR.plugins()}  # type: ignore[no-untyped-call]
    assert set(services._KNOWN) | services._BYTES | set(services._NAMED) <= names


@pytest.mark.parametrize("url", URLS, ids=[url.split(":")[0] for url in URLS])
def test_no_limit_is_above_what_apprise_knows(url: str) -> None:
    notifier = opened(url)
    limit = service_of(notifier).limit
    if type(notifier).__name__ not in MORE:
        assert limit.body + limit.title <= int(notifier.body_maxlen) + int(notifier.title_maxlen)
    assert limit.body >= 100


@pytest.mark.parametrize("url", ["dingtalk://12345678/15551234567", "feishu://abcdefghijklmnopqrstuvwxyz012345"])
def test_a_service_that_counts_bytes_gets_parts_that_it_takes(url: str) -> None:
    service = service_of(opened(url))
    alerts = tuple(
        vote(article=f"a{n}", story_id=f"s{n}", title="国会は外国軍隊の入国を承認した" * 40) for n in range(30)
    )
    for part in written(message(*alerts, kind="digest"), service.medium, service.limit, MADRID):
        assert measure(part.body, "bytes") <= 20_000


@pytest.mark.parametrize("medium", Medium)
def test_a_message_without_half_characters_is_sent_whatever_json_brings(medium: Medium) -> None:
    one = message(vote(title="a\ud800b \x00 \udfff c", source="\ud83d"))
    for part in written(one, medium, Limit(), MADRID):
        assert (part.title + part.body).encode()
