"""The options of ElastAlert 2's rules beside their condition: what they become, or why they become nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.core.text.written_duration import written_duration

#: Options that say nothing: left out without a word.
SILENT = frozenset({"rule_file"})

_UNITS = {"weeks": 604800.0, "days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0, "milliseconds": 0.001}
LONGEST = 7 * 86400.0  # seconds of a throttle
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PRIORITIES = {1: "critical", 2: "high", 3: "medium", 4: "low", 5: "info"}
_LEVELS = {
    "p1": "critical", "p2": "high", "p3": "medium", "p4": "low", "p5": "info", "error": "high", "warning": "medium",
    "critical": "critical", "high": "high", "medium": "medium", "low": "low", "info": "info",
}  # fmt: skip
#: Services that alert -> the channel to define.
_CHANNELS = {
    "email": 'type = "mail"', "ses": 'type = "mail"', "post": 'type = "webhook"', "post2": 'type = "webhook"',
    "debug": 'type = "terminal"',
    **dict.fromkeys(
        (
            "slack", "telegram", "discord", "mattermost", "ms_teams", "ms_power_automate", "gitter", "googlechat",
            "rocketchat", "matrixhookshot", "pagerduty", "pagertree", "opsgenie", "sns", "twilio", "dingtalk", "lark",
            "line", "workwechat", "victorops", "signl4", "zulip", "chatwork", "webex_webhook", "alertmanager",
            "smseagle", "flashduty",
        ),
        'type = "apprise"',
    ),
}  # fmt: skip
#: First words of options of a service that alerts, beside those in _CHANNELS.
_SERVICES = ("iris", "hive", "jira", "servicenow", "zabbix", "linenotify", "alerta", "stomp", "gelf", "tencent", "yzj")

_REASONS = tuple(
    (re.compile("|".join(patterns.split())), why)
    for patterns, why in (
        (
            r"""index es_.* use_strftime_index search_extra_index use_ssl ssl_show_warn verify_certs ca_certs client_\w+
            timestamp_\w+ buffer_time query_delay max_query_size max_scrolling\w* max_threads
            run_every scan_entire_timeframe use_count_query use_terms_query terms_size doc_type _source_enabled
            query_timezone segment_size limit_execution misfire_grace_time use_run_every_query_size attach_related
            raw_count_keys top_count_\w+ skip_invalid replace_dots_\w+ aws_\w+ profile boto_profile import owner
            custom_pretty_ts_format use_local_time jinja_\w+ field category""",
            "belongs to Elasticsearch or ElastAlert itself; rules here try every article as it arrives",
        ),
        (
            r"alert_text\w* alert_subject\w* alert_missing_value include\w* summary_\w+ email_format",
            "messages have their own form; write a template for the channel: docs/alerts.md",
        ),
        (
            r"kibana_\w+ \w*_?discover_\w+ generate_\w+ opensearch_\w+ shorten_\w+",
            "messages link to Kibana if [kibana] url is set",
        ),
        (
            r"""query_key realert_key aggregation_key exponential_realert aggregate_by_match_time
            aggregation_alert_time\w*""",
            "reports are grouped by story, and throttled for the rule as a whole",
        ),
        (
            r"""threshold\w* alert_on_new_data alert_on_missing_field forget_keys field_value min_doc_count bucket_\w+
            sync_bucket\w*""",
            "the rhythm of the rule is learned, by weekday",
        ),
        (
            r"match_enhancements run_enhancements_first command\w* pipe_match_json fail_on_non_zero_exit notify_\w+",
            "programs are not run for alerts",
        ),
        (r"email\w* smtp_\w+ from_addr cc bcc ses_\w+", 'belongs to the channel: [channels.…] type = "mail"'),
        (r"http_post\w*", 'belongs to the channel: [channels.…] type = "webhook"'),
    )
)


def option_reason(option: str) -> str:
    """Why an option becomes nothing."""
    for pattern, why in _REASONS:
        if pattern.fullmatch(option):
            return why
    if option.startswith((*_CHANNELS, *_SERVICES, "ms_")):
        return "belongs to the channel: [channels.…] in alerts.toml, with secrets in files or the environment"
    return "no option of ElastAlert 2 that is known here"


class Options:
    """`keys()` gives the keys of alerts.toml; then `used` has the options they come from, `left` those that have no
    counterpart, with the reason."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.found = found
        self.used: set[str] = set()
        self.left: list[tuple[str, str]] = []

    def keys(self) -> dict[str, Any]:
        rule: dict[str, Any] = {}
        for part in (self._about(), self._severity(), self._throttle(), self._digest()):
            rule |= dict(part)
        self._alerts()
        return rule

    def _about(self) -> Iterator[tuple[str, Any]]:
        self.used |= {"description", "is_enabled"}
        if description := " ".join(str(self.found.get("description") or "").split()):
            yield "description", description
        if self.found.get("is_enabled") is False:
            yield "enabled", False

    def _severity(self) -> Iterator[tuple[str, str]]:
        for option in ("priority", "opsgenie_priority", "pagerduty_v2_payload_severity", "alerta_severity"):
            value = self.found.get(option)
            severity = _PRIORITIES.get(value) if isinstance(value, int) else _LEVELS.get(str(value).lower())
            if severity:
                self.used.add(option)
                self.left.append((f"{option}: {value}", f"read as severity {severity}: 1 is the highest"))
                yield "severity", severity
                return

    def _throttle(self) -> Iterator[tuple[str, str]]:
        if "realert" not in self.found:
            return
        self.used.add("realert")
        seconds = seconds_of(self.found["realert"])
        if seconds is None:
            self.left.append((f"realert: {self.found['realert']}", "is no duration"))
        elif seconds > LONGEST:
            self.left.append(("realert", 'read as throttle = "7d", the longest that there is'))
            yield "throttle", "7d"
        elif seconds:
            self.left.append(
                ("realert", "carried over as throttle: what comes in between is reported later, not dropped")
            )
            yield "throttle", duration(seconds)

    def _digest(self) -> Iterator[tuple[str, str]]:
        given = self.found.get("aggregation")
        if not given:
            return
        self.used.add("aggregation")
        schedule = given.get("schedule") if isinstance(given, Mapping) else None
        seconds = None if schedule else seconds_of(given)
        digest = (
            _cron(str(schedule))
            if schedule
            else {3600.0: "hourly", 86400.0: "daily 08:00", 604800.0: "weekly mon 08:00"}.get(seconds or 0.0)
        )
        if digest:
            self.left.append((f"aggregation: {given}", f'read as digest = "{digest}"'))
            yield "send", "digest"
            yield "digest", digest
        elif seconds and seconds <= LONGEST:
            self.left.append((f"aggregation: {given}", "read as throttle: what comes in between is reported together"))
            yield "throttle", duration(seconds)
        else:
            self.left.append((f"aggregation: {given}", 'digests are hourly, "daily 08:00" or "weekly mon 08:00"'))

    def _alerts(self) -> None:
        self.used.add("alert")
        given = self.found.get("alert")
        for one in given if isinstance(given, list) else [given] if given else []:
            name = str(next(iter(one))) if isinstance(one, Mapping) and one else str(one)
            channel = _CHANNELS.get(name)
            hint = f"define a channel with {channel}" if channel else "there is no such channel; see docs/alerts.md"
            self.left.append((f"alert: {name}", hint))


def seconds_of(found: Any) -> float | None:
    """The seconds of a duration such as {"hours": 2}; None for anything else."""
    if not isinstance(found, Mapping) or not found or not found.keys() <= _UNITS.keys():
        return None
    try:
        return sum(_UNITS[unit] * float(value) for unit, value in found.items())
    except (TypeError, ValueError):
        return None


def duration(seconds: float) -> str:
    """A duration as in alerts.toml, in whole seconds."""
    return written_duration(max(1, round(seconds)))


def _cron(schedule: str) -> str | None:
    """The digest of a cron schedule: hourly, daily or weekly ones; None for others."""
    fields = schedule.split()
    if len(fields) != 5 or fields[2:4] != ["*", "*"] or not fields[0].isdigit():
        return None
    minute, hour, day = fields[0], fields[1], fields[4].lower()
    if hour == "*" and day == "*":
        return "hourly"
    if not hour.isdigit():
        return None
    at = f"{int(hour):02}:{int(minute):02}"
    if day == "*":
        return f"daily {at}"
    name = _DAYS[int(day) % 7] if day.isdigit() else day
    return f"weekly {name} {at}" if name in _DAYS else None
