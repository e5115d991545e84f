"""The style sheet, scripts and pictures of the console, each under an address that contains its hash."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import brotli
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}  # fmt: skip
FOREVER = "public, max-age=31536000, immutable"  # another content has another address


@dataclass(frozen=True)
class File:
    """A file that browsers load. `name`: its path below static/."""

    name: str
    body: bytes

    @cached_property
    def address(self) -> str:
        """The path under which it is served."""
        return f"/static/{hashlib.sha256(self.body).hexdigest()[:16]}/{self.name}"

    @cached_property
    def integrity(self) -> str:
        """Its hash as browsers check it (https://www.w3.org/TR/SRI/)."""
        return f"sha256-{base64.b64encode(hashlib.sha256(self.body).digest()).decode()}"

    @cached_property
    def packed(self) -> dict[str, bytes]:
        """By content coding, the body; made once."""
        return {"br": brotli.compress(self.body, quality=9), "gzip": gzip.compress(self.body, mtime=0)}


def read_files(folder: Path = FOLDER) -> dict[str, File]:
    """Every file below static/, by name."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in TYPES)
    return {name: File(name, path.read_bytes()) for path in paths if (name := path.relative_to(folder).as_posix())}


def answer(request: Request, files: dict[str, File]) -> Response:
    """The file at the path of the request, or 404: also for the hash of another content."""
    file = files.get(request.path_params["name"])
    if file is None or file.address != request.url.path:
        return Response(status_code=404)
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    body = file.body
    for coding, packed in file.packed.items():
        if coding in accepted:
            headers["Content-Encoding"], body = coding, packed
            break
    return Response(body, headers=headers, media_type=TYPES[Path(file.name).suffix])
