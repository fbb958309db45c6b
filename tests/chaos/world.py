"""What a chaos run and its checker know of the world: addresses, protobuf types, Kafka, the stand-ins.

Nothing here comes from the product's code but the contracts (the descriptor set) and the addresses of scripts/env.
"""
from __future__ import annotations

import json
import os
import struct
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any, Iterator

import psycopg2
from confluent_kafka import Consumer, KafkaError, TopicPartition
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICES = ("intake", "sla", "investigation", "arbitration", "fund", "notification")
FOLLOWERS = SERVICES[1:]
INSTANCES = SERVICES + tuple(f"{name}-2" for name in SERVICES)
LOG = "disputes.case.event.v1"
GATEWAY = "disputes.gateway.command.v1"
CONSOLE = "disputes.console.command.v1"
RUN = Path(os.environ["HESHI_RUN_DIR"])
ROOT = Path(__file__).resolve().parents[2]


class Types:
    """Message classes by full name, out of the descriptor set of the build."""

    def __init__(self, path: Path) -> None:
        files = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.Add(file)
        self._pool = pool
        self._factory = message_factory.MessageFactory(pool)

    def message(self, name: str) -> Any:
        return self._factory.GetPrototype(self._pool.FindMessageTypeByName(name))

    def enum(self, name: str) -> dict[int, str]:
        return {value.number: value.name for value in self._pool.FindEnumTypeByName(name).values}


TYPES = Types(Path(os.environ.get("HESHI_DESCRIPTORS", ROOT / "build/heshi.binpb")))
EVENT = TYPES.message("disputes.case.v1.CaseEvent")
ENTRY_TYPES = {k: v.removeprefix("ENTRY_TYPE_") for k, v in TYPES.enum("disputes.case.v1.EntryType").items()}
STAGES = {k: v.removeprefix("STAGE_") for k, v in TYPES.enum("disputes.common.v1.Stage").items()}
CLOCK_OPS = {k: v.removeprefix("CLOCK_OP_") for k, v in TYPES.enum("disputes.case.v1.ClockOp").items()}
CLOCK_KINDS = {k: v.removeprefix("CLOCK_KIND_") for k, v in TYPES.enum("disputes.common.v1.ClockKind").items()}
ROLES = {k: v.removeprefix("ROLE_") for k, v in TYPES.enum("disputes.common.v1.Role").items()}
SLA_FINDING = TYPES.message("disputes.sla.v1.Finding")
OUTCOMES = {k: v.removeprefix("OUTCOME_") for k, v in TYPES.enum("disputes.common.v1.Outcome").items()}


def uuid7() -> str:
    """Milliseconds since 1970, then random bits: as a gateway makes them."""
    head = struct.pack(">Q", int(time.time() * 1000))[2:]
    raw = bytearray(head + os.urandom(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


def headers_of(message: Any) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") if value else "" for name, value in message.headers() or []}


def consumer() -> Consumer:
    return Consumer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "group.id": "chaos-checker",
                     "enable.auto.commit": False, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 50,
                     "fetch.error.backoff.ms": 100, "reconnect.backoff.max.ms": 500,
                     "topic.metadata.refresh.interval.ms": 5000, "allow.auto.create.topics": False, "log_level": 0})


def partitions(reader: Consumer, topics: list[str]) -> list[TopicPartition]:
    known = reader.list_topics(timeout=20).topics
    return [TopicPartition(topic, number, 0) for topic in topics for number in known[topic].partitions]


def read_whole(topics: list[str]) -> Iterator[Any]:
    """Every record of the topics up to the end they have now."""
    reader = consumer()
    parts = partitions(reader, topics)
    left = {}
    for part in parts:
        low, high = reader.get_watermark_offsets(part, timeout=20)
        if high > low:
            left[part.topic, part.partition] = high
    reader.assign(parts)
    limit = time.monotonic() + 120
    while left:
        message = reader.poll(1.0)
        if time.monotonic() > limit:
            raise TimeoutError(f"topics not read to their end: {sorted(left)}")
        if message is None:
            continue
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF and message.error().fatal():
                raise RuntimeError(str(message.error()))
            continue
        at = message.topic(), message.partition()
        if at in left and message.offset() < left[at]:
            yield message
        if at in left and message.offset() >= left[at] - 1:
            del left[at]
    reader.close()


def database() -> Any:
    """The superuser of the private cluster: it must see every schema, the rebuilt ones too."""
    password = (RUN / "keys/postgres.password").read_text().strip()
    link = psycopg2.connect(host="127.0.0.1", port=os.environ["PGPORT"], dbname=os.environ["PGDATABASE"],
                            user="heshi_admin", password=password, connect_timeout=5)
    link.autocommit = True
    return link


def rows(link: Any, statement: str, *values: Any) -> list[tuple]:
    with link.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


STANDINS = dict(item.split("=", 1) for item in os.environ["HESHI_STANDINS"].split(","))


def standin(which: str, verb: str, body: dict) -> dict:
    request = urllib.request.Request(f"{STANDINS[which]}/_standin/{verb}", data=json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"}, method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
        return json.load(answer)


def kept(which: str, table: str, key: str) -> dict[str, dict]:
    """A table of a stand-in as it lies on the disk: the last line of a key counts."""
    path, found = RUN / "standins" / which / f"{table}.jsonl", {}
    for line in path.read_text().splitlines() if path.exists() else []:
        row = json.loads(line)
        found[str(row[key])] = row
    return found
