"""Prepares the phrases and addresses of walls from vocabulary/walls.toml for searching."""

from __future__ import annotations

import re

from pipeline.core.pages.terms import all_terms, any_of
from pipeline.core.text.languages import vocabulary

_WORDS = vocabulary("walls")
_HOSTS, _PATHS = _WORDS["hosts"], _WORDS["paths"]

CHALLENGE_TITLES = all_terms(_WORDS["challenge_titles"])
CONSENT = all_terms(_WORDS["consent"])
PAYWALL = all_terms(_WORDS["paywall"])
NOT_FOUND = all_terms(_WORDS["not_found"])

_ERROR = any_of(all_terms(_WORDS["error_words"]))
#: A <title> or <h1>: all of it, or its part before or behind the site's name.
NOT_FOUND_TITLE = re.compile(
    r"^(?:[^|–—-]{0,40}\s[|–—-]\s+)?(?:"
    rf"{_ERROR}?\s*[:-]?\s*(?:404|410)(?:\s*(?:[-–—:|!.]|error\b|not found).{{0,60}})?"
    rf"|{'|'.join(all_terms(_WORDS['not_found_titles']))}"
    r")(?:\s[|–—-]\s.{0,60})?$",
    re.I,
)

CONSENT_HOST = re.compile(rf"^{any_of(_HOSTS['consent'])}\d?\.", re.I)
CONSENT_PATH = re.compile(rf"/{any_of(_PATHS['consent'])}(?:[/?.]|$)", re.I)
LOGIN = re.compile(rf"^{any_of(_HOSTS['login'])}\.|/{any_of(_PATHS['login'])}(?:[/?.]|$)", re.I)
SUBSCRIBE_PATH = re.compile(rf"/{any_of(_PATHS['subscribe'])}(?:[/?.]|$)", re.I)
ERROR_PATH = re.compile(rf"/{any_of(_PATHS['error'])}(?:\.\w{{2,5}})?/?$", re.I)
HOME_PATH = re.compile(rf"/{any_of(_PATHS['home'])}(?:\.\w{{2,5}})?$", re.I)
