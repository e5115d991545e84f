"""The console: web pages on which people read stories, judge alerts and look after sources.

It reads the log, the index and `reports/`; what people do becomes a record on the log, which a stage reads.
"""
