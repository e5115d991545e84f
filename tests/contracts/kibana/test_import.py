"""Objects are imported into Kibana, or named where it refuses them."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.backends.kibana import Imported, Refused
from pipeline.core.faults import Faults
from tests.contracts.kibana.standin import CERTIFICATE, CHART, VIEW, Serve, StandIn, asking, lines, send


async def test_objects_are_imported(kibana: StandIn) -> None:
    assert await send(asking(kibana.url)) == Imported(2, ())
    assert kibana.asked == ["/api/saved_objects/_import?overwrite=true"]
    assert kibana.known == {("", "index-pattern", "v"): VIEW, ("", "lens", "c"): CHART}


async def test_importing_again_replaces(kibana: StandIn) -> None:
    await send(asking(kibana.url))
    renamed = VIEW | {"attributes": {"title": "other-*"}}
    assert await send(asking(kibana.url), lines(renamed, CHART)) == Imported(2, ())
    assert kibana.known == {("", "index-pattern", "v"): renamed, ("", "lens", "c"): CHART}


async def test_into_a_space_with_name_and_password(kibana: StandIn) -> None:
    asked = asking(
        kibana.url, space="newsroom", api_key=SecretStr(""), username="ana", password=SecretStr("s3cret")
    )  # fmt: skip
    assert (await send(asked)).count == 2
    assert kibana.asked == ["/s/newsroom/api/saved_objects/_import?overwrite=true"]
    assert {space for space, _, _ in kibana.known} == {"newsroom"}


async def test_a_certificate_authority_of_our_own(serve: Serve) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    stand_in = StandIn()
    url = await serve(stand_in.answer, context)
    with pytest.raises(Faults, match=r"kibana\.ca: the certificate of https://localhost"):
        await send(asking(url))
    assert stand_in.asked == []
    assert (await send(asking(url, ca=CERTIFICATE))).count == 2


# -- what Kibana refuses


async def test_objects_that_kibana_does_not_take_are_named(kibana: StandIn) -> None:
    newer = VIEW | {"id": "n", "typeMigrationVersion": "99.0.0"}
    done = await send(asking(kibana.url), lines(VIEW, newer, CHART | {"references": [{"type": "lens", "id": "x"}]}))
    assert done == Imported(
        1,
        (
            Refused("index-pattern", "n", 'Document "n" belongs to a more recent version of Kibana'),
            Refused("lens", "c", "missing_references: lens x"),
        ),
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"api_key": SecretStr("wrong")}, r"kibana: Kibana does not accept the credentials \(401\)"),
        ({"api_key": SecretStr("")}, r"kibana: Kibana asks for credentials \(401\)"),
        ({"api_key": SecretStr("guest")}, r"may not import .*Unable to bulk_create .*\(403\) .*Management: All"),
        ({"space": "nowhere"}, r"kibana.space: Kibana does not know the space 'nowhere' .*\[space/nowhere\].*\(404\)"),
    ],
    ids=["wrong", "none", "guest", "space"],
)  # fmt: skip
async def test_who_may_not(kibana: StandIn, change: dict[str, Any], words: str) -> None:
    with pytest.raises(Faults, match=words):
        await send(asking(kibana.url, **change))
    assert kibana.known == {}


async def test_a_path_that_is_not_kibanas(kibana: StandIn) -> None:
    with pytest.raises(Faults, match=r"kibana.url: Kibana does not know the address: Not Found \(404\)"):
        await send(asking(kibana.url + "/wrong"))


async def test_broken_objects(kibana: StandIn) -> None:
    with pytest.raises(Faults, match=r"kibana: Kibana refuses the objects: .*\(400\)"):
        await send(asking(kibana.url), b'{"type":')
