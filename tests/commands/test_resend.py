"""`almenara alerts resend`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.log.reading import read_all
from pipeline.records import AlertRequest, Delivery
from pipeline.stage import Out
from tests.builders import alert, message
from tests.commands.asking import AT, Ask, publish

STATES = {"mail": "refused", "chat": "sent", "hook": "given_up", "slow": "unsure", "late": "waiting"}


@pytest.fixture
def notified(config: Path) -> None:
    """One message long ago, and one now, each to five channels, with one end each."""
    for days, name in ((40, "old"), (0, "new")):
        at = AT - timedelta(days=days)
        sent = message(alert(name), id=name, rule="Markets", name="Markets", channels=tuple(STATES), at=at)
        outs = [
            Out("deliveries", f"{name}/{channel}", Delivery(message=name, channel=channel, status=status, at=at))
            for channel, status in STATES.items()
        ]
        publish(config, Out("messages", name, sent), *outs)


def requests(config: Path) -> list[AlertRequest]:
    async def read(log):  # type: ignore[no-untyped-def]
        return (await read_all(log, "alert-requests", AlertRequest))[0]

    return list(deployment_for(config).with_log(read).values())


@pytest.mark.usefixtures("notified")
@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ((), {"new": ("mail", "hook", "slow")}),
        (("--channel", "hook"), {"new": ("hook",)}),
        (("--rule", "Markets"), {"new": ("mail", "hook", "slow")}),
        (("--all",), {"new": ("mail", "chat", "hook", "slow")}),
        (("--all", "--channel", "chat"), {"new": ("chat",)}),
        (("--dry-run",), {}),
    ],
)
def test_what_did_not_arrive_is_asked_for(
    ask: Ask, config: Path, options: tuple[str, ...], sent: dict[str, tuple[str, ...]]
) -> None:
    day = (AT - timedelta(days=3)).date().isoformat()
    assert "again: " in ask("alerts", "resend", "--since", day, *options).out
    found = requests(config)
    assert {one.resend.id: one.again for one in found if one.resend} == sent
    assert all(one.resend and one.resend.alerts == (alert("new"),) for one in found)


@pytest.mark.usefixtures("notified")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--channel", "late"), "there is no channel 'late': channels: file"),
        (("--channel", "fil"), "did you mean file?"),
        (("--rule", "Coups"), "there is no rule 'Coups': rules: Markets"),
    ],
)
def test_a_wrong_name_is_said_where_nothing_was_found(ask: Ask, options: tuple[str, ...], said: str) -> None:
    answer = ask("alerts", "resend", "--since", "2020-01-01", *options)
    assert (answer.code, said in answer.err) == (1, True)


@pytest.mark.usefixtures("notified")
def test_of_an_old_message_what_is_still_on_the_log_is_shown(ask: Ask, config: Path) -> None:
    thin = message(id="thin", rule="Markets", channels=("mail",), at=AT, showed=(alert("b1").id, "gone"))
    state = Delivery(message="thin", channel="mail", status="given_up", at=AT)
    publish(
        config, Out("messages", "thin", thin), Out("deliveries", "thin/mail", state), Out("alerts", "", alert("b1"))
    )
    rows = ask("alerts", "resend", "--since", AT.date().isoformat(), "--channel", "mail", "--json").json["messages"]
    assert {row["message"]: row["channels"] for row in rows} == {"new": ["mail"], "thin": ["mail"]}
    (again,) = [one.resend for one in requests(config) if one.resend and one.resend.id == "thin"]
    assert (again.alerts, again.held_back) == ((alert("b1"),), 1)
