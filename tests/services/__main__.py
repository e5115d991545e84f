"""Starts and stops a Kafka broker and an Elasticsearch node by hand, for development.

python -m tests.services start DIR   both, with their data in DIR; prints their URLs
python -m tests.services stop DIR    stops what start started there; keeps the data
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.services.install import Failed, Missing
from tests.services.servers import Elasticsearch, Kafka


def main(arguments: list[str]) -> int:
    match arguments:
        case ["start" | "stop" as what, folder]:
            servers = (Kafka(Path(folder) / "kafka"), Elasticsearch(Path(folder) / "elasticsearch"))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    try:
        for server in servers:
            if what == "stop":
                server.stop()
            else:
                if not server.pid:
                    server.start(leash=subprocess.DEVNULL)
                print(server.url, flush=True)
    except (Missing, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
