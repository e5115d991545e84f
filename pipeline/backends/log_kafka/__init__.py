"""The log on Kafka, with aiokafka."""

from pipeline.backends.log_kafka.connection import KafkaOptions, tls_context
from pipeline.backends.log_kafka.log import CLAIM, KafkaLog
from pipeline.backends.log_kafka.publisher import TooLarge
from pipeline.backends.log_kafka.streams import StreamsWrong
from pipeline.config.addresses import servers_of

__all__ = ["CLAIM", "KafkaLog", "KafkaOptions", "StreamsWrong", "TooLarge", "servers_of", "tls_context"]
