"""The log on Kafka, with aiokafka."""

from pipeline.backends.log_kafka.connection import KafkaOptions, tls_context
from pipeline.backends.log_kafka.log import KafkaLog
from pipeline.backends.log_kafka.publisher import TooLarge
from pipeline.backends.log_kafka.streams import StreamsWrong
from pipeline.backends.log_kafka.unreadable import install

__all__ = ["KafkaLog", "KafkaOptions", "StreamsWrong", "TooLarge", "tls_context"]

install()
