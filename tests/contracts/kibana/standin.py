"""A server that answers as Kibana does."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web
from pydantic import SecretStr

from pipeline.backends.kibana import Imported, import_objects
from pipeline.config.settings import Kibana

CERTIFICATE = Path(__file__).parents[2] / "data" / "tls" / "localhost.pem"
CONFIG = Path(__file__).parents[3] / "config"
KEY = "bmV3czpyb29t"
VIEW = {"type": "index-pattern", "id": "v", "attributes": {"title": "news-*"}, "references": []}
CHART = {
    "type": "lens", "id": "c", "attributes": {"title": "C"},
    "references": [{"type": "index-pattern", "id": "v", "name": "layer"}],
}  # fmt: skip


#: The newest versions of objects that Kibana 9.0 knows.
NINE = {"index-pattern": "8.0.0", "search": "10.5.0", "lens": "8.9.0", "dashboard": "10.2.0"}


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def lines(*objects: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in objects)


@dataclass
class StandIn:
    """`known`: what was imported, by (space, type, id). `users` may import; `guests` may log in only."""

    spaces: tuple[str, ...] = ("", "newsroom")
    users: tuple[str, ...] = (f"ApiKey {KEY}", "Basic " + base64.b64encode(b"ana:s3cret").decode())
    guests: tuple[str, ...] = ("ApiKey guest",)
    known: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.rel_url))
        space, _, path = request.path.removeprefix("/s/").partition("/") if "/s/" in request.path else ("", "", "")
        path = path or request.path.removeprefix("/")
        if request.method != "POST" or path != "api/saved_objects/_import":
            return error(404, "Not Found")
        if "kbn-xsrf" not in request.headers:
            return error(400, "Request must contain a kbn-xsrf header.")
        who = request.headers.get("authorization", "")
        if who not in self.users + self.guests:
            return error(401, "Unauthorized")
        if space not in self.spaces:
            return error(404, f"Saved object [space/{space}] not found")
        if who in self.guests:
            return error(403, "Unable to bulk_create dashboard,index-pattern,lens,search")
        given = await self.objects(request)
        return given if isinstance(given, web.Response) else self.keep(space, given, request.query.get("overwrite"))

    async def objects(self, request: web.Request) -> list[dict[str, Any]] | web.Response:
        if request.content_type != "multipart/form-data":
            return error(415, "Unsupported Media Type")
        parts = {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            parts[part.name] = part.filename, await part.read()
        if list(parts) != ["file"]:
            return error(400, "[request body.file]: expected value of type [Stream] but got [undefined]")
        name, content = parts["file"]
        if Path(name or "").suffix != ".ndjson":
            return error(400, f"Invalid file extension {Path(name or '').suffix}")
        try:
            return [json.loads(line) for line in content.decode().splitlines() if line.strip()]
        except ValueError as broken:
            return error(400, str(broken))

    def keep(self, space: str, given: list[dict[str, Any]], overwrite: str | None) -> web.Response:
        here = {(one["type"], one["id"]) for one in given} | {(kind, id) for at, kind, id in self.known if at == space}
        failed = []
        for one in given:
            at = (space, one["type"], one["id"])
            missing = [r for r in one.get("references", ()) if (r["type"], r["id"]) not in here]
            if version(one.get("typeMigrationVersion", "0")) > version(NINE[one["type"]]):
                text = f'Document "{one["id"]}" belongs to a more recent version of Kibana'
                failed.append(refusal(one, {"type": "unknown", "message": text, "statusCode": 422}))
            elif missing:
                references = [{"type": r["type"], "id": r["id"]} for r in missing]
                failed.append(refusal(one, {"type": "missing_references", "references": references}))
            elif overwrite != "true" and at in self.known:
                failed.append(refusal(one, {"type": "conflict"}))
            else:
                self.known[at] = one
        said: dict[str, Any] = {"success": not failed, "successCount": len(given) - len(failed), "warnings": []}
        return web.json_response(said | ({"errors": failed} if failed else {}))


def error(status: int, message: str) -> web.Response:
    name = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 415: "Unsupported Media Type"}
    return web.json_response({"statusCode": status, "error": name[status], "message": message}, status=status)


def refusal(one: dict[str, Any], why: dict[str, Any]) -> dict[str, Any]:
    title = one["attributes"]["title"]
    return {"id": one["id"], "type": one["type"], "meta": {"title": title}, "error": why, "managed": False}


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[..., Awaitable[str]]


async def send(kibana: Kibana, objects: bytes = lines(VIEW, CHART)) -> Imported:
    home = kibana.url + (f"/s/{kibana.space}" if kibana.space else "")
    return await asyncio.to_thread(import_objects, kibana, objects, home)


def asking(url: str, **more: Any) -> Kibana:
    return Kibana(url=url, **({"api_key": SecretStr(KEY)} | more))
