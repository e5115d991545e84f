"""Tests of Almenara; docs/testing.md explains how they are organised."""

import pipeline  # noqa: F401  before any test imports numpy: sets its threads
