"""Runs a real Kafka broker and a real Elasticsearch node for tests, from jars on Maven Central; see docs/testing.md.

`install.py` finds a JDK and fills the cache of jars, `servers.py` starts and stops one server, `shared.py` shares one
of each within a pytest run, `python -m tests.services` starts them by hand. None of this is for production.
"""
