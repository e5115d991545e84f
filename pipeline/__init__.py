"""Almenara's pipeline: what happens to an article, from feed to alert, and everything it needs."""

import os

# Must be set before numpy is imported. The matrices here are small: on busy cores OpenBLAS's threads make the story
# vector 50 times slower (220 ms instead of 4). Work is spread over processes instead.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
