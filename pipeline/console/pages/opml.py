"""Adding sources from an OPML file: first what it has, then those that were chosen.

The page carries the file from one step to the next, packed, so that nothing is kept here, and reads it again.
"""

from __future__ import annotations

import asyncio
import base64
import zlib

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.console.pages.add_source import values_of
from pipeline.console.rendering import desk_of, page, person_of, reader_for
from pipeline.console.safety.forms import form_of
from pipeline.console.sections import N_
from pipeline.core.wording import words_of
from pipeline.requests.asking import Refused
from pipeline.requests.feeds import adding, publish_plan
from pipeline.requests.opml import LONGEST, Preview, earlier, preview_of


async def load(request: Request) -> Response:
    """What the file has: feeds that are new, known, listed twice or none, to choose from."""
    file = (await form_of(request)).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _wrong(request, N_("Choose an OPML file."))
    content = await file.read()
    try:
        found = await _preview(request, content)
    except Refused as error:
        return _wrong(request, words_of(error))
    packed = base64.urlsafe_b64encode(zlib.compress(content)).decode()
    return await _shown(request, found, {"packed": packed, "name": file.filename})


async def add(request: Request) -> Response:
    """Add the feeds that were chosen."""
    form, desk = await form_of(request), desk_of(request)
    try:
        found = await _preview(request, _unpacked(str(form.get("file", ""))))
        folders = None if not found.folders else {str(one) for one in form.getlist("folder")}
        feeds = found.chosen({str(one) for one in form.getlist("feed")}, folders)
        if not feeds:
            raise HTTPException(400, N_("Choose at least one feed."))
        plan = await publish_plan(desk.log, person_of(request), desk.clock(), adding(feeds))
    except Refused as error:
        raise HTTPException(400, words_of(error)) from None
    name = str(form.get("name", ""))[:200]
    return await _shown(request, found, {"plan": plan, "name": name, "left_out": len(found.new) - len(feeds)})


async def _preview(request: Request, content: bytes) -> Preview:
    return await asyncio.to_thread(preview_of, content, dict(desk_of(request).follower.feeds.by_key))


def _unpacked(text: str) -> bytes:
    """The file as it was sent first. Raises Refused for anything else."""
    try:
        return zlib.decompressobj().decompress(base64.urlsafe_b64decode(text), LONGEST + 1)
    except (ValueError, zlib.error):
        raise Refused("the file is damaged: send it again") from None


def _wrong(request: Request, why: str) -> Response:
    return page(request, "source_add.html", values_of(request, "") | {"wrong_file": why}, 400)


async def _shown(request: Request, found: Preview, values: dict[str, object]) -> Response:
    """The page, before or after feeds were added; written in a thread, because it can list thousands."""
    empty = {"packed": "", "plan": None, "left_out": 0}
    reader_for(request)  # which the request remembers
    more = {"found": found, "earlier": earlier(found.new)}
    return await asyncio.to_thread(page, request, "source_opml.html", empty | more | values)
