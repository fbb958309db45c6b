#!/usr/bin/python3
"""deploy/docker/kafka-ui.yml from deploy/kafka/topics.json: which message type decodes which topic.

    kafka_ui.py TOPICS_JSON             prints it
    kafka_ui.py TOPICS_JSON FILE        exit status 1 when FILE says something else
"""
import json
import re
import sys

HEAD = """\
# Written by scripts/lib/kafka_ui.py from deploy/kafka/topics.json: do not edit.
kafka:
  clusters:
    - name: heshi
      bootstrapServers: kafka:19092
      defaultKeySerde: String
      defaultValueSerde: String
      serde:
"""


def document(topics: list) -> str:
    by_message: dict = {}
    for topic in topics:
        by_message.setdefault(topic["message"], []).append(topic["name"])
    parts = [HEAD]
    for message, names in sorted(by_message.items()):
        pattern = "|".join(re.escape(name) for name in names)
        # One entry a type: dots spoil the map of types by topic. Names must differ.
        parts.append(f"""\
        - name: {message}
          className: io.kafbat.ui.serdes.builtin.ProtobufFileSerde
          topicValuesPattern: '^({pattern})$'
          properties:
            protobufFilesDir: /etc/kafka-ui/proto
            protobufMessageName: {message}
""")
    return "".join(parts)


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        wanted = document(json.load(file)["topics"])
    if len(sys.argv) < 3:
        sys.stdout.write(wanted)
        return 0
    with open(sys.argv[2], encoding="utf-8") as file:
        if file.read() == wanted:
            return 0
    print(f"{sys.argv[2]} is not what topics.json says: python3 scripts/lib/kafka_ui.py {sys.argv[1]} >{sys.argv[2]}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
