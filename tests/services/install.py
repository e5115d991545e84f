"""Installs what a server needs: a JDK is found, jars come from Maven Central, and our few Java classes are compiled.

The result is cached in a folder of the user's cache, named after its inputs, so that checkouts, versions and parallel
test workers do not interfere. The cache may be deleted whenever no server runs.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

JAVA = Path(__file__).parent / "java"
#: The oldest JDK version for each.
JDK = {"kafka": 17, "elasticsearch": 21}
#: Where systems and version managers install JDKs.
_HOMES = ("/usr/lib/jvm/*", "/opt/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home", "/opt/homebrew/opt/openjdk*")


class Missing(Exception):
    """Something must be installed first; the message says what."""


class Failed(Exception):
    """Downloading, building or starting failed; the message has the end of the output."""


def missing(service: str) -> str:
    """What must be installed before `service` can start here; empty if nothing."""
    try:
        jdk(JDK[service])
        if not _folder(service).exists() and not shutil.which("mvn"):
            raise Missing("no `mvn` found: install Maven")
    except Missing as reason:
        return str(reason)
    return ""


@cache
def jdk(least: int) -> Path:
    """The bin folder of the first JDK found of at least version `least`. Raises Missing."""
    for home in _homes():
        if (home / "bin/javac").exists() and _version(home / "bin/java") >= least:
            return home / "bin"
    raise Missing(f"no JDK {least} or newer found: install one, or point JAVA_HOME at it")


def _homes() -> Iterator[Path]:
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"])
    if on_path := shutil.which("javac"):
        yield Path(on_path).resolve().parent.parent
    for pattern in (*_HOMES, str(Path.home() / ".sdkman/candidates/java/*")):
        yield from sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)


def _version(java: Path) -> int:
    shown = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', shown)
    return int(found[1]) if found else 0


def installed(service: str) -> Path:
    """The folder with everything to start `service`, created if necessary. Raises Missing, Failed."""
    folder = _folder(service)
    with _locked(folder):
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{service}-") as made:
                part = Path(made) / "part"
                (_make_kafka if service == "kafka" else _make_elasticsearch)(part)
                part.rename(folder)
    return folder


def _folder(service: str) -> Path:
    sources = sorted([JAVA / "Leash.java", *(JAVA / service).iterdir(), *(JAVA / "plugin").iterdir(), Path(__file__)])
    key = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "almenara-tests" / f"{service}-{key}"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_kafka(into: Path) -> None:
    _fetch("kafka", into / "libs")
    _compile("kafka", [JAVA / "Leash.java", JAVA / "kafka/Broker.java"], into / "libs", into / "classes")


def _make_elasticsearch(into: Path) -> None:
    """Create modules, folders with a descriptor, for the HTTP transport and our analysis."""
    libs = into / "libs"
    _fetch("elasticsearch", libs)
    _compile("elasticsearch", [JAVA / "Leash.java", JAVA / "elasticsearch/SearchNode.java"], libs, into / "classes")
    _compile("elasticsearch", [JAVA / "plugin/Analysis.java"], libs, into / "analysis")
    [core] = libs.glob("elasticsearch-[0-9]*.jar")
    version = core.stem.removeprefix("elasticsearch-")
    netty = _module(into, "transport-netty4", "org.elasticsearch.transport.netty4.Netty4Plugin", version)
    for jar in [*libs.glob("netty-*.jar"), *libs.glob("transport-netty4-*.jar")]:
        jar.rename(netty / jar.name)
    analysis = _module(into, "analysis", "Analysis", version)
    _run([jdk(21) / "jar", "--create", "--file", analysis / "analysis.jar", "-C", into / "analysis", "."])


def _module(into: Path, name: str, main: str, version: str) -> Path:
    folder = into / "modules" / name
    folder.mkdir(parents=True)
    (folder / "plugin-descriptor.properties").write_text(
        f"name={name}\ndescription={name}\nversion={version}\nelasticsearch.version={version}\n"
        f"java.version=21\nclassname={main}\n"
    )
    return folder


def _fetch(service: str, into: Path) -> None:
    if not shutil.which("mvn"):
        raise Missing("no `mvn` found: install Maven")
    _run(
        [
            *("mvn", "--batch-mode", "--quiet", "--file", str(JAVA / service / "pom.xml")),
            *("dependency:copy-dependencies", f"-DoutputDirectory={into}"),
        ],
        JAVA_HOME=str(jdk(JDK[service]).parent),
    )


def _compile(service: str, sources: list[Path], libs: Path, into: Path) -> None:
    least = JDK[service]
    _run([jdk(least) / "javac", "--release", str(least), "-cp", f"{libs}/*", "-d", into, *sources])


def _run(command: list[str | Path], **environment: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    if done.returncode:
        raise Failed(f"{Path(command[0]).name} failed:\n{(done.stdout + done.stderr)[-2000:]}")
