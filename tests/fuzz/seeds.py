#!/usr/bin/python3
"""Seeds for the fuzz programs: tests/fuzz/seeds.py DIRECTORY

A message of every kind, all fields filled, by the .proto files (protoc's descriptor set); the contents of the
inputs of deploy/samples for texts; headers and bodies by hand.
"""
import json
import pathlib
import struct
import subprocess
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = {
    "gateway": "disputes.gateway.v1.Command", "console": "disputes.console.v1.Command",
    "event": "disputes.case.v1.CaseEvent", "sla": "disputes.sla.v1.Finding",
    "investigation": "disputes.investigation.v1.Finding", "arbitration": "disputes.arbitration.v1.Finding",
    "fund": "disputes.fund.v1.Finding", "notification": "disputes.notification.v1.Finding",
    "arbitration_inbound": "disputes.arbitration.v1.Inbound", "fund_inbound": "disputes.fund.v1.Inbound",
    "notification_inbound": "disputes.notification.v1.Inbound", "platform": "disputes.platform.v1.State",
}


# Readers begin with what the message they read begins with.
TARGETS |= {f"read_{target}": name for target, name in TARGETS.items() if target not in ("event", "platform")}
TARGETS |= {f"read_log_{service}": TARGETS["event"]
            for service in ("sla", "investigation", "arbitration", "fund", "notification")}


def sample_texts():
    texts = set()
    for path in sorted((ROOT / "deploy/samples").glob("*.json")):
        stack = [json.loads(path.read_text(encoding="utf-8"))]
        while stack:
            value = stack.pop()
            if isinstance(value, str) and len(value) < 60:
                texts.add(value)
            elif isinstance(value, (dict, list)):
                stack.extend(value.values() if isinstance(value, dict) else value)
    return sorted(texts)


def fill(message, texts, depth, oneof_choice):
    chosen = {}
    for oneof in message.DESCRIPTOR.oneofs:
        chosen[oneof.name] = oneof.fields[oneof_choice % len(oneof.fields)].name
    for number, field in enumerate(message.DESCRIPTOR.fields):
        if field.containing_oneof and chosen[field.containing_oneof.name] != field.name:
            continue
        repeated = field.label == field.LABEL_REPEATED
        if field.type == field.TYPE_MESSAGE:
            if depth:
                inner = getattr(message, field.name)
                fill(inner.add() if repeated else inner, texts, depth - 1, oneof_choice if depth < 5 else 0)
                if not repeated:
                    inner.SetInParent()
            continue
        value = {field.CPPTYPE_STRING: texts[(number * 7 + oneof_choice) % len(texts)],
                 field.CPPTYPE_ENUM: 1, field.CPPTYPE_BOOL: True}.get(field.cpp_type, number + 1)
        if field.type == field.TYPE_BYTES:
            value = b"\x01" * 32
        if repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)


def main():
    out = pathlib.Path(sys.argv[1])
    protos = [str(path.relative_to(ROOT / "proto")) for path in sorted((ROOT / "proto").rglob("*.proto"))]
    out.mkdir(parents=True, exist_ok=True)
    binary = out / "descriptors"
    subprocess.run(["protoc", "-I", str(ROOT / "proto"), f"--descriptor_set_out={binary}", "--include_imports", *protos],
                   check=True)
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(binary.read_bytes()).file:
        pool.Add(file)
    texts = sample_texts()
    for target, name in TARGETS.items():
        kind = pool.FindMessageTypeByName(name)
        make = message_factory.MessageFactory(pool).GetPrototype(kind)
        folder = out / target
        folder.mkdir(exist_ok=True)
        entries = target.startswith("read_log_")  # of every type, with every content
        members = 90 if entries else max([len(oneof.fields) for oneof in kind.oneofs] or [1])
        for choice in range(members):
            message = make()
            fill(message.entry if entries else message, texts, 4 if entries else 5, choice)
            if entries:
                message.entry.type = choice % 70
            (folder / f"{choice}").write_bytes(message.SerializeToString())
    headers = {"ce_specversion": "1.0", "ce_id": "01a20f23-8b03-706d-8c69-c6612439435a", "ce_source": "/gateway",
               "ce_type": "cn.example.disputes.gateway.command.v1", "ce_time": "2026-04-13T02:00:00.001Z",
               "ce_subject": "01a20f23-8b03-706d-8c69-c6612439435a", "content-type": "application/protobuf",
               "ce_sequence": "000000000012", "ce_lanesequence": "7", "ce_entryhash": "00" * 32, "traceparent": "00-"}
    packed = b"".join(struct.pack(">I", len(n)) + n.encode() + struct.pack(">I", len(v)) + v.encode()
                      for n, v in headers.items())
    for target, bodies in {
            "envelope": [packed, packed[:-20]],
            "pay_json": [b'{"out_bill_no":"D1","state":"SUCCESS","fail_reason":"","transfer_amount":12900}',
                         b'{"resource":{"ciphertext":"AA==","nonce":"abc","associated_data":"x"},"id":"1"}'],
            "institution": [b'{"receipt_id":"r1","fee":{"amount_minor":5000,"currency":"CNY","due":"2026-04-13T02:00:00Z"}}',
                            b'{"receipt_id":"r1","fee":{"amount_minor":-1}}']}.items():
        (out / target).mkdir(exist_ok=True)
        for number, body in enumerate(bodies):
            (out / target / str(number)).write_bytes(body)
    binary.unlink()


if __name__ == "__main__":
    main()
