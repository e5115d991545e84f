"""`almenara kibana import`: imports the dashboard and its parts into Kibana."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.assembly.backends import import_into_kibana, kibana_link
from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, Config
from pipeline.config.shipped import SHIPPED_CONFIG
from pipeline.core.faults import Fault, Faults

OBJECTS = Path("kibana") / "almenara.ndjson"


def import_dashboard(config: Config = CONFIG) -> None:
    """Import data views, searches, charts and a dashboard into Kibana.

    Replaces what an earlier import created and changes nothing else. Set the address and credentials in [kibana] of
    almenara.toml; docs/kibana.md describes the result. Exits with code 1 if Kibana refuses an object.

    Example: almenara kibana import --config my-config
    """
    deployment = deployment_for(config)
    settings = deployment.settings
    link = kibana_link(settings)
    if link is None:
        hint = "set it, or KIBANA_URL in the environment, to Kibana's address, as https://kibana.example"
        raise Faults((Fault("almenara.toml", "kibana.url", "is not set", hint),))
    prefix = settings.elasticsearch.prefix
    done = import_into_kibana(settings, _objects(config, prefix), link.home)
    if done.refused:
        typer.echo(f"Kibana took {done.count} objects and refused {len(done.refused)}:", err=True)
        for refused in done.refused:
            typer.echo(f"  {refused}", err=True)
        raise typer.Exit(1)
    print(f"imported {done.count} objects; the dashboard: {link.home}/app/dashboards#/view/{prefix}-dashboard")
    if not deployment.index.in_elasticsearch:
        typer.echo("note: index_url is not Elasticsearch's address, so Kibana will find no articles", err=True)


def _objects(config: Path, prefix: str) -> bytes:
    """The objects of the configuration folder, or the shipped ones, with the prefix of the settings."""
    own = config / OBJECTS
    text = (own if own.exists() else SHIPPED_CONFIG / OBJECTS).read_text(encoding="utf-8")
    return text.replace("almenara-", f"{prefix}-").encode()
