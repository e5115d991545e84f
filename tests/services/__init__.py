"""A real Kafka broker and a real Elasticsearch node for tests, from the jars on Maven Central; docs/testing.md.

`install.py` finds a JDK and fills the cache of jars, `servers.py` starts and stops one server, `shared.py` gives a
whole pytest run one of each, `python -m tests.services` does it by hand. Nothing of this is for production.
"""
