"""`almenara health`: asks a running daemon or worker whether it is ready."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.addresses import listen_address
from pipeline.config.read_settings import settings_of
from pipeline.stage import Unavailable

TIMEOUT = 4.0  # seconds
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
LARGEST = 1_000_000  # bytes of an answer


def health(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """Ask the daemon or worker whether it is ready; exits with 3 if not.

    It asks /health/ready at the address of [health] listen. Use it as the health check of a container.

    Example: almenara health
    """
    listen = settings_of(config).health.listen
    if not listen:
        raise CommandError('[health] listen is "off": there is nothing to ask. Set it to an address')
    host, port = listen_address(listen)
    host = WILDCARDS.get(host, host)
    report = _ask(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
    if not report["ready"]:
        lines = [f"{each['part']} {each['state']} since {each['since']}: {each['why']}" for each in report["not_ready"]]
        raise Unavailable("\n".join(lines))
    if not as_json:
        print(f"ready: {report['instance']}, version {report['version']}, stages {','.join(report['stages'])}")


def _ask(url: str) -> dict[str, Any]:
    """The report of /health/ready. Raises Unavailable if nothing answers there, or something else does."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is on this machine
    try:
        try:
            with opener.open(f"{url}/health/ready", timeout=TIMEOUT) as answer:
                body = answer.read(LARGEST)
        except urllib.error.HTTPError as error:
            body = error.read(LARGEST) if error.code == 503 else b""
        report = json.loads(body)
        if "ready" in report and "not_ready" in report:
            return dict(report)
    except OSError as error:
        why = getattr(error, "reason", error)
        raise Unavailable(f"{url} does not answer ({why}): is the daemon running?") from error
    except (ValueError, TypeError):
        pass
    raise Unavailable(f"what answers at {url} is not Almenara: set another [health] listen") from None
