"""Everything that tagging adds to an article: topics, facts, countries, places and a fingerprint."""
