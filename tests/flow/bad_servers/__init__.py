"""Brokers and nodes that are wrong, closed, full or missing. The servers are real; a stand-in answers only where the
server's core cannot be made to."""
