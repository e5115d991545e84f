"""The published forms of a document: flat JSON, CSV and Elasticsearch (ECS)."""
