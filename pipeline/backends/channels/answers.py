"""Says what an attempt to send through Apprise came to. Of answers, only known words are used."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime
from typing import Any

from pipeline.backends.channels.failures import LONGEST_WAIT, http_failure, network_failure, status_text
from pipeline.backends.channels.watched import Watch
from pipeline.core.timing.pace import retry_after
from pipeline.ports import SendFailed, SendFailure

_TOO_LONG = re.compile(rb"too[ _]long|BASE_TYPE_MAX_LENGTH|msg_too_large|too large", re.IGNORECASE)

#: What Slack says with status 200, and what it means.
_WORDS: dict[str, SendFailure] = {
    "ratelimited": "busy", "rate_limited": "busy", "service_unavailable": "busy", "internal_error": "busy",
    "fatal_error": "busy", "request_timeout": "busy", "invalid_auth": "broken", "not_authed": "broken",
    "account_inactive": "broken", "token_revoked": "broken", "token_expired": "broken", "missing_scope": "broken",
    "no_permission": "broken", "channel_not_found": "broken", "not_in_channel": "broken", "is_archived": "broken",
    "team_access_not_granted": "broken", "restricted_action": "broken", "no_service": "broken",
    "no_active_hooks": "broken", "channel_is_archived": "broken", "action_prohibited": "broken",
}  # fmt: skip
#: What a refusal with status 400 says when it is about the chat, not about the message.
_NO_CHAT = re.compile(
    rb"chat not found|user not found|group chat was upgraded|Stream '[^']*' does not exist|Unknown Webhook"
    rb"|invalid_token|no_team|Couldn't find the channel"
)


def failure_of(who: str, watch: Watch, timeout: float, now: datetime) -> SendFailed | None:
    """Why a plugin did not send its message; None if it used no HTTP. `timeout` in seconds, of the attempt."""
    if watch.error is not None:
        return network_failure(who, watch.error, timeout, watch.sent)
    if watch.status is None:
        return None
    failed = http_failure(who, watch.status, _wait(watch, now))
    if watch.status in (200, 400, 422) and _TOO_LONG.search(watch.answer):
        return SendFailed(f"{who}: {status_text(watch.status)}: the message is too long", "too_long")
    if watch.status == 400 and _NO_CHAT.search(watch.answer):
        return SendFailed(f"{who}: {status_text(400)}: there is no such chat: check its address", "broken")
    if failed is not None:
        return failed
    word = str(_json(watch.answer).get("error", ""))
    if word in _WORDS:
        return SendFailed(f"{who}: {word.replace('_', ' ')}", _WORDS[word], _wait(watch, now))
    return SendFailed(f"{who}: {status_text(watch.status)}, but it did not take the message", "refused")


def _wait(watch: Watch, now: datetime) -> float | None:
    """Seconds that the answer asks to wait, in its header or, as Telegram, Discord and Matrix say it, in JSON."""
    asked = retry_after(watch.retry_after, now, LONGEST_WAIT)
    if asked is not None:
        return asked
    answer = _json(watch.answer)
    inner = answer.get("parameters")
    for found, unit in (
        (inner.get("retry_after") if isinstance(inner, dict) else None, 1.0),
        (answer.get("retry_after"), 1.0),
        (answer.get("retry_after_ms"), 1000.0),
        (answer.get("retry-after"), 1.0),
    ):
        if isinstance(found, int | float) and 0 <= found / unit <= LONGEST_WAIT:
            return float(found / unit)
    return None


def _json(answer: bytes) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        found = json.loads(answer)
        if isinstance(found, dict):
            return found
    return {}
