"""Tests of the log on a Kafka broker: what is not part of the contract of every log."""
