"""Elasticsearch's percolator finds the stored queries that match a document: what alerts are measured against."""
