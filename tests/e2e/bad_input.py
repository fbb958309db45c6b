#!/usr/bin/env python3
"""Bad input on running services: each kind ends where it should, untouched, and the lane goes on.

Needs the environment of scripts/env, disputectl and kcat. Prints a line per case and `N passed, N failed`.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid

CTL = os.path.join(os.environ.get("HESHI_BIN_DIR", "build/bin"), "disputectl")
SERVERS = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
GATEWAY = "disputes.gateway.command.v1"
TAG = uuid.uuid4().hex[:8]
WAIT_S = 30


# --- protobuf by hand: what no generated code would write ---

def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def actor(role, who):
    return field(1, field(1, role) + field(2, who.encode()))


def say(text, who, role=1):
    """Command{actor, say{text{plain}}}"""
    return actor(role, who) + field(24, field(1, field(1, text)))


# --- the world ---

def ctl(*words, check=True, stdin=None):
    done = subprocess.run([CTL, *words], capture_output=True, text=True, input=stdin, timeout=120)
    if check and done.returncode != 0:
        raise AssertionError(f"disputectl {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


class Case:
    def __init__(self):
        self.order = f"bad-{TAG}-{uuid.uuid4().hex[:6]}"
        self.consumer = f"c-{TAG}"
        out = ctl("file", "--platform", f"p-{TAG}", "--order", self.order, "--consumer", self.consumer,
                  "--merchant", f"m-{TAG}", "--reason", "QUALITY", "--remedy", "REFUND", "--amount", "129.00",
                  "--paid", "129.00", "--text", "broken")
        self.id = out.split()[1]


def headers_of(case, **changed):
    headers = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": "/gateway",
               "ce_type": "cn.example.disputes.gateway.command.v1", "ce_time": "2026-04-13T02:00:00Z",
               "ce_subject": case.id, "content-type": "application/protobuf", "x-kept": f"as it came {TAG}"}
    for name, value in changed.items():
        name = name.replace("__", "-")
        headers.pop(name, None) if value is None else headers.__setitem__(name, value)
    return headers


def produce(topic, key, value, headers, partition=None):
    words = ["kcat", "-P", "-b", SERVERS, "-t", topic, "-k", key, "-X", "topic.partitioner=murmur2_random",
             "-X", "message.max.bytes=4000000"]
    if partition is not None:
        words += ["-p", str(partition)]
    for name, text in headers.items():
        words += ["-H", f"{name}={text}"]
    with tempfile.NamedTemporaryFile() as file:
        file.write(value or b"")
        file.flush()
        if value:
            subprocess.run([*words, file.name], check=True, timeout=60)
        else:  # kcat reads lines: an empty one, with -Z a null value
            subprocess.run([*words, "-Z", "-K", "\x01"], input=f"{key}\x01\n".encode(), check=True, timeout=60)


def letters(service, topic):
    out = ctl("tail", f"dlq.{service}.{topic}", "--raw")
    return [json.loads(line) for line in out.splitlines()]


def wait_for(what, find):
    until = time.monotonic() + WAIT_S
    while True:
        found = find()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {WAIT_S} s")
        time.sleep(0.3)


def letter(service, topic, message_id):
    found = wait_for(f"a dead letter of {topic}", lambda: [
        one for one in letters(service, topic)
        if one["headers"].get("ce_id") == message_id or message_id in (one.get("key") or "")])
    assert len(found) == 1, found
    return found[0]


def goes_on(case):
    """A good command after it is taken, in the same lane."""
    ctl("act", "say", case.id, "--role", "CONSUMER", "--order", case.order, "--as", case.consumer, "--json", "-",
        stdin='{"text": "still here"}')


# --- what must end in the dead letters ---

def dead(code, value, changed=None, key=None, topic=GATEWAY, service="intake", partition=None):
    def run():
        case = Case()
        headers = headers_of(case, **(changed or {}))
        bytes_sent = value(case) if callable(value) else value
        name = key or case.order
        marker = headers.get("ce_id") or name
        produce(topic, name, bytes_sent, headers, partition)
        one = letter(service, topic, marker)
        assert one["headers"]["x-dispute-dlq-code"] == code, one["headers"]
        assert one["headers"]["__dlq.errors.message"], one["headers"]
        assert one["headers"]["__dlq.errors.topic"] == topic, one["headers"]
        assert one["headers"].get("x-kept") == f"as it came {TAG}", one["headers"]
        if bytes_sent:
            assert base64.b64decode(one["raw"]) == bytes_sent, "the bytes were touched"
        else:
            assert one.get("tombstone"), one
        goes_on(case)
    return run


def wrong_partition():
    case = Case()
    for partition in (0, 1):
        produce(GATEWAY, case.order, say(b"x", case.consumer), headers_of(case, ce_id=f"{case.id}-{partition}"), partition)
    found = wait_for("one of two in the dead letters", lambda: [
        one for one in letters("intake", GATEWAY) if (one["headers"].get("ce_id") or "").startswith(case.id)])
    assert len(found) == 1 and found[0]["headers"]["x-dispute-dlq-code"] == "WRONG_KEY", found
    goes_on(case)


def key_of_another_case():
    case, other = Case(), Case()
    headers = headers_of(case)
    produce(GATEWAY, other.order, say(b"x", case.consumer), headers)
    assert letter("intake", GATEWAY, headers["ce_id"])["headers"]["x-dispute-dlq-code"] == "WRONG_KEY"
    goes_on(case)
    goes_on(other)


# --- what must be refused in the log ---

def refused(case, code, *words, stdin="{}"):
    out = ctl("act", *words, "--json", "-", check=False, stdin=stdin)
    assert code in out, out


def forbidden():
    case = Case()
    refused(case, "NOT_IN_THIS_STAGE", "answer_feedback", case.id, "--role", "CONSUMER", stdin='{"score": 5}')
    goes_on(case)


def stranger():
    case = Case()
    refused(case, "NOT_YOUR_ROLE", "withdraw", case.id, "--role", "CONSUMER", "--as", "somebody-else")
    goes_on(case)


def same_id_other_content():
    case = Case()
    one = str(uuid.uuid4())
    words = ["say", case.id, "--role", "CONSUMER", "--id", one]
    ctl("act", *words, "--json", "-", stdin='{"text": "first"}')
    refused(case, "ID_REUSED", *words, stdin='{"text": "second"}')
    goes_on(case)


def entry_too_big():
    """255 KiB are taken as a record, the entry would be more: refused, and again with the same answer."""
    case = Case()
    headers = headers_of(case)
    item = field(1, str(uuid.uuid4()).encode()) + field(2, b"\0" * 32)  # no text: nothing that sealing makes longer
    value = actor(1, case.consumer) + field(25, field(1, item) * (255 * 1024 // len(field(1, item))))
    assert 250 * 1024 < len(value) <= 256 * 1024
    for _ in range(2):
        produce(GATEWAY, case.order, value, headers)

    def answers():
        out = [json.loads(line) for line in ctl("tail", "disputes.case.event.v1").splitlines() if headers["ce_id"] in line]
        return out if len(out) >= 2 else None
    text = json.dumps(wait_for("two answers", answers))
    assert text.count("entry fits") == 2 and "GUARD_FAILED" in text, text[:2000]
    goes_on(case)


# --- held cases ---

def garbage_in_the_log():
    """An entry that no follower can read holds its case in each of them until somebody skips it."""
    case = Case()
    headers = headers_of(case, ce_source="/disputes/intake", ce_type="cn.example.disputes.case.event.v1",
                         ce_sequence="000000000090", ce_id=f"{case.id}-garbage")
    produce("disputes.case.event.v1", case.order, b"\xff\xff garbage", headers)
    followers = ("sla", "investigation", "arbitration", "fund", "notification")

    def held():
        rows = [json.loads(line) for line in ctl("dlq", "list", "--json").splitlines()]
        mine = [row for row in rows if row["subject"] == case.id and row["quarantine"]
                and row["quarantine"]["case_id"] == case.id]
        return mine if len(mine) == len(followers) else None
    rows = wait_for("a held case in every follower", held)
    assert sorted(row["place"].split("/")[0] for row in rows) == sorted(followers)
    goes_on(case)  # intake goes on; the entry is parked by the followers

    def parked():
        found = held()
        return found and all(row["quarantine"]["parked"] >= 1 for row in found)
    wait_for("the next entry parked behind it", parked)
    place = rows[0]["place"]
    assert "would" in ctl("dlq", "replay", place, "--by", "test", "--dry-run")
    assert subprocess.run([CTL, "dlq", "skip", place, "--by", "test"], capture_output=True).returncode == 2
    replayed = subprocess.run([CTL, "dlq", "replay", place, "--by", "test"], capture_output=True, text=True)
    assert replayed.returncode == 1 and "cannot be applied" in replayed.stderr, replayed
    for row in rows:
        out = ctl("dlq", "skip", row["place"], "--by", "test", "--reason", "garbage that a test wrote")
        assert "done" in out, out
    wait_for("nothing held any more", lambda: not [
        line for line in ctl("dlq", "list", "--json").splitlines() if json.loads(line)["subject"] == case.id])
    ctl("rest", "--timeout", "30s", check=False)
    goes_on(case)


def replay_of_a_command():
    """A command whose partition was wrong is published again where its key belongs, once."""
    case = Case()
    ids = {p: f"{case.id}-again-{p}" for p in (0, 1)}
    for partition in (0, 1):
        produce(GATEWAY, case.order, say(b"said once", case.consumer), headers_of(case, ce_id=ids[partition]), partition)
    found = wait_for("one of two in the dead letters", lambda: [
        one for one in letters("intake", GATEWAY) if one["headers"].get("ce_id") in ids.values()])
    headers = found[0]["headers"]
    place = f"intake/{GATEWAY}/{headers['__dlq.errors.partition']}/{headers['__dlq.errors.offset']}"
    assert "published again" in ctl("dlq", "replay", place, "--by", "test")
    wait_for("its entry", lambda: [line for line in ctl("tail", "disputes.case.event.v1").splitlines()
                                   if headers["ce_id"] in line and '"ACT"' in line])
    again = subprocess.run([CTL, "dlq", "replay", place, "--by", "test"], capture_output=True, text=True)
    assert again.returncode == 1 and "settled before" in again.stderr, again


def refused_by_a_finding():
    case = Case()
    words = ("offer", case.id, "--remedy", "PART_REFUND", "--amount", "10.00")
    done = subprocess.run([CTL, *words, "--life", "1h"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "OfferRefused" in done.stdout and "GUARD_FAILED" in done.stdout, done
    assert "OfferOpened" in ctl(*words)


def allowed_until_when():
    case = Case()
    ctl("offer", case.id, "--remedy", "PART_REFUND", "--amount", "10.00")
    done = subprocess.run([CTL, "waive", case.id, "--side", "consumer"], capture_output=True, text=True, timeout=60)
    lines = [line.replace("allowed", "").split() for line in done.stdout.splitlines() if " CONSUMER " in line]
    until = {words[1]: words[2:] for words in lines}
    assert done.returncode == 1 and until["AcceptOffer"][:1] == ["until"] and until["Withdraw"] == [], done.stdout
    assert "RetractOffer" not in until and "RequestPlatform" not in until, done.stdout


CASES = [
    ("garbage bytes are no message", dead("NOT_PROTOBUF", b"\xff\xff\xff garbage")),
    ("a field with the number 0 never gets into the log",
     dead("NOT_PROTOBUF", lambda c: say(b"x", c.consumer) + b"\x80\x00\x01")),
    ("a record without an id lacks a header", dead("HEADER_MISSING", lambda c: say(b"x", c.consumer), {"ce_id": None})),
    ("a subject that is no case lacks a header",
     dead("HEADER_MISSING", lambda c: say(b"x", c.consumer), {"ce_subject": "no-uuid"})),
    ("another version of CloudEvents is not read",
     dead("VERSION_UNKNOWN", lambda c: say(b"x", c.consumer), {"ce_specversion": "2.0"})),
    ("structured mode is named", dead("STRUCTURED_MODE", b"{}", {"content__type": "Application/CloudEvents+json"})),
    ("two megabytes are too big", dead("TOO_BIG", b"x" * 2_000_000)),
    ("bad UTF-8 is found", dead("BAD_TEXT", lambda c: say(b"a\xff\xfeb", c.consumer))),
    ("U+0000 is found", dead("BAD_TEXT", lambda c: say(b"a\0b", c.consumer))),
    ("an act of no known number is refused", dead("KIND_UNKNOWN", lambda c: actor(1, c.consumer) + field(999, b""))),
    ("an enum value of no known number is refused", dead("KIND_UNKNOWN", lambda c: say(b"x", c.consumer, role=77))),
    ("a tombstone is no command", dead("TOMBSTONE", None)),
    ("the partition must be that of the key", wrong_partition),
    ("the key must be the order of the case", key_of_another_case),
    ("a forged callback is a dead letter of fund", dead("NOT_PROTOBUF", b"\xff\xff forged", topic="disputes.fund.inbound.v1", service="fund")),
    ("a forged award is a dead letter of arbitration",
     dead("NOT_PROTOBUF", b"\xff\xff forged", topic="disputes.arbitration.inbound.v1", service="arbitration")),
    ("a tombstone from outside is a dead letter", dead("TOMBSTONE", None, topic="disputes.fund.inbound.v1", service="fund")),
    ("a forbidden command is refused in the log", forbidden),
    ("a stranger's command is refused in the log", stranger),
    ("an act that its service refuses ends with the finding and its code", refused_by_a_finding),
    ("a refusal lists what can be done now, each until its own clock ends", allowed_until_when),
    ("the same id with other content is refused", same_id_other_content),
    ("a command whose entry would be too big is refused, twice alike", entry_too_big),
    ("garbage in the log holds its case in every follower until it is skipped", garbage_in_the_log),
    ("a command from the dead letters is published again and taken once", replay_of_a_command),
]


def main():
    failed = 0
    wanted = sys.argv[1:]
    for name, run in CASES:
        if wanted and not any(word in name for word in wanted):
            continue
        try:
            run()
            print(f"  ok    {name}", flush=True)
        except (AssertionError, subprocess.SubprocessError, KeyError, ValueError, IndexError) as error:
            failed += 1
            print(f"  WRONG {name}: {type(error).__name__} {str(error)[:600]}", flush=True)
    count = len([name for name, _ in CASES if not wanted or any(word in name for word in wanted)])
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
