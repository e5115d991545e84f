"""Elasticsearch 9 as the index: for several machines, and for people who search in Kibana."""

from pipeline.backends.index_elastic.cluster import ElasticOptions
from pipeline.backends.index_elastic.index import ElasticIndex

__all__ = ["ElasticIndex", "ElasticOptions"]
