"""Reads the templates of messages in templates/, and tries each on sample messages of every kind."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.faults import Fault, Faults, did_you_mean
from pipeline.core.messages.form import Medium, Voice
from pipeline.core.messages.samples import samples
from pipeline.core.messages.templates import FOLDER, Template, TemplateFault, filled, read_template

TEMPLATES = f"{FOLDER}/*"


def read_templates(folder: Path) -> tuple[dict[str, Template], list[Fault]]:
    """The templates by file name, and all faults of the others."""
    found: dict[str, Template] = {}
    faults: list[Fault] = []
    for file in sorted(folder.glob(TEMPLATES)):
        if file.name.startswith(".") or file.name == "README.md":
            continue
        name = f"{FOLDER}/{file.name}"
        try:
            template = read_template(file.name, file.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            faults.append(Fault(name, "", f"not UTF-8: {error.reason}", "save the file as UTF-8", line))
        except OSError as error:
            faults.append(Fault(name, "", error.strerror or str(error), "check that it is a readable file"))
        except Faults as error:
            faults += error.faults
        else:
            found[file.name] = template
            faults += _tried(template)
    return found, faults


def missing(channels: Iterable[ChannelSpec], folder: Path) -> list[Fault]:
    """A fault for each channel whose template is not there."""
    there = [file.name for file in sorted(folder.glob(TEMPLATES))]
    return [
        Fault("alerts.toml", f"channels.{spec.name}.template", f"{FOLDER}/{spec.template} does not exist",
              did_you_mean(spec.template, there), spec.line)
        for spec in channels
        if spec.template is not None and spec.template not in there
    ]  # fmt: skip


def _tried(template: Template) -> list[Fault]:
    """What fails for messages that lack what is optional; each place once."""
    faults: dict[tuple[int | None, str], Fault] = {}
    for message in samples():
        try:
            filled(template, message, Medium.HTML if template.name.endswith(".html") else Medium.PLAIN, Voice())
        except TemplateFault as fault:
            reason = f"fails for a message of kind {message.kind}: {fault.reason}"
            hint = "ask first whether it is there, with if"
            place = Fault(f"{FOLDER}/{template.name}", "", reason, hint, fault.line)
            faults.setdefault((fault.line, fault.reason), place)
    return list(faults.values())
