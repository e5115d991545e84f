"""The same queries in-stream, embedded and in Elasticsearch, against an independent evaluator."""
