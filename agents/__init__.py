"""Drivers that run the stages: one process on the embedded log, or workers on a Kafka broker."""
