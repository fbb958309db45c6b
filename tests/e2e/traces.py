#!/usr/bin/env python3
"""A trace collector for tests, and what must be true of the spans of one complaint.

    traces.py sink SPANS_FILE PORT_FILE   takes OTLP/HTTP (JSON) on a free loopback port until it is told to end
    traces.py check SPANS_FILE            ends with one line `traces: N passed, N failed`

The sink checks the form of what comes as a collector would; what is wrong becomes a line of its own in the file.
"""

import http.server
import json
import os
import re
import signal
import sys

SERVICES = ("intake", "sla", "investigation", "arbitration", "fund", "notification")
LOG = "disputes.case.event.v1"
INTERNAL, CLIENT, CONSUMER = 1, 3, 5


def attributes(item):
    found = {}
    for attribute in item.get("attributes", []):
        (value,) = attribute["value"].values()
        found[attribute["key"]] = value
    return found


def read_export(body):
    """Spans of one request, flat; raises when it is not as the protocol wants it."""
    spans = []
    for resource_spans in body["resourceSpans"]:
        resource = attributes(resource_spans["resource"])
        for scope_spans in resource_spans["scopeSpans"]:
            for span in scope_spans["spans"]:
                if not re.fullmatch("[0-9a-f]{32}", span["traceId"]) or not re.fullmatch("[0-9a-f]{16}", span["spanId"]):
                    raise ValueError(f"ids of {span}")
                if int(span["endTimeUnixNano"]) < int(span["startTimeUnixNano"]):
                    raise ValueError(f"it ends before it begins: {span}")
                spans.append(
                    {
                        "service": resource["service.name"],
                        "trace": span["traceId"],
                        "id": span["spanId"],
                        "parent": span.get("parentSpanId"),
                        "name": span["name"],
                        "kind": span["kind"],
                        "start": int(span["startTimeUnixNano"]),
                        "about": attributes(span),
                    }
                )
    return spans


class Sink(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    out = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path != "/v1/traces" or self.headers["Content-Type"] != "application/json":
                raise ValueError(f"{self.path} {self.headers['Content-Type']}")
            lines, status = read_export(json.loads(body)), 200
        except (ValueError, KeyError, TypeError) as wrong:
            lines, status = [{"wrong": f"{wrong!r}"}], 400
        for line in lines:
            self.out.write(json.dumps(line) + "\n")
        self.out.flush()
        answer = b"{}"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def sink(spans_file, port_file):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with open(spans_file, "w", encoding="utf-8") as out:
        Sink.out = out
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
        server.daemon_threads = True
        with open(port_file + ".new", "w", encoding="ascii") as port:
            port.write(str(server.server_address[1]))
        os.rename(port_file + ".new", port_file)
        server.serve_forever()


def traces_of(spans):
    traces = {}
    for span in spans:
        traces.setdefault(span["trace"], []).append(span)
    return traces


def check_collector(spans):
    """every export has the form of the protocol"""
    wrong = [span["wrong"] for span in spans if "wrong" in span]
    assert not wrong, wrong[:3]
    assert len({span["id"] for span in spans}) == len(spans), "a span was sent twice"


def check_six_services(spans):
    """one trace spans all six services"""
    assert any({span["service"] for span in trace} == set(SERVICES) for trace in traces_of(spans).values())


def filing_trace(spans):
    return max(traces_of(spans).values(), key=lambda trace: len({span["service"] for span in trace}))


def check_types(spans):
    """a span says what its record is: the filing at the root, its entry below it"""
    trace = filing_trace(spans)
    types = {(span["service"], span["about"].get("dispute.type")) for span in trace if span["kind"] == CONSUMER}
    assert ("intake", "FileComplaint") in types and ("sla", "COMPLAINT_FILED") in types, sorted(types, key=str)


def check_one_root(spans):
    """everything in that trace hangs together below the publisher of the filing"""
    trace = filing_trace(spans)
    by_id = {span["id"]: span for span in trace}
    strangers = {span["parent"] for span in trace} - set(by_id)
    assert len(strangers) == 1, f"parents that nobody sent: {strangers}"
    roots = [span for span in trace if span["parent"] in strangers]
    assert [root["service"] for root in roots] == ["intake"], roots
    for span in trace:
        steps = 0
        while span["id"] != roots[0]["id"]:
            span = by_id[span["parent"]]
            steps += 1
            assert steps <= len(trace), "a circle"


def check_parents(spans):
    """followers stand below intake, intake's findings below the follower that said them"""
    trace = filing_trace(spans)
    by_id = {span["id"]: span for span in trace}
    seen = 0
    for span in trace:
        parent = by_id.get(span["parent"])
        topic = span["about"].get("messaging.destination.name", "")
        if parent is None or span["kind"] != CONSUMER:
            continue
        if topic == LOG:
            assert parent["service"] == "intake", (span, parent)
            seen += 1
        elif topic.endswith(".finding.v1"):
            assert parent["service"] == topic.split(".")[1], (span, parent)
            seen += 1
        assert parent["start"] <= span["start"], (span, parent)
    assert seen >= 6, seen


def check_conventions(spans):
    """names and attributes are those of the conventions for messaging and HTTP"""
    for span in spans:
        about = span["about"]
        if span["kind"] == CONSUMER:
            assert span["name"] == "process " + about["messaging.destination.name"], span
            assert about["messaging.system"] == "kafka" and about["messaging.operation.type"] == "process", span
            assert int(about["messaging.kafka.offset"]) >= 0 and about["messaging.destination.partition.id"], span
            assert about["messaging.consumer.group.name"] == "disputes-" + span["service"], span
        elif span["kind"] == CLIENT:
            assert about["http.request.method"] in ("GET", "POST") and about["server.address"], span
        else:
            assert span["kind"] == INTERNAL, span


def check_calls(spans):
    """an outside call and its answer belong to the trace of what caused them"""
    by_id = {span["id"]: span for span in spans}
    calls = [span for span in spans if span["kind"] == CLIENT and span["parent"] in by_id]
    assert calls, "no call below a record"
    for call in calls:
        assert by_id[call["parent"]]["service"] == call["service"], call
    answers = [span for span in spans if span["name"].startswith("answer ")]
    assert any(by_id.get(answer["parent"], {}).get("kind") == CLIENT for answer in answers), answers[:2]


def check_nothing_personal(spans):
    """no attribute holds an openid, a URL or a text of a person"""
    for span in spans:
        for key, value in span["about"].items():
            assert "://" not in str(value) and "openid" not in str(value) and str(value).isascii(), (key, value)


CHECKS = (
    check_collector,
    check_six_services,
    check_types,
    check_one_root,
    check_parents,
    check_conventions,
    check_calls,
    check_nothing_personal,
)


def check(spans_file):
    with open(spans_file, encoding="utf-8") as lines:
        spans = [json.loads(line) for line in lines]
    failed = 0
    for one in CHECKS:
        try:
            one([span for span in spans if "wrong" not in span] if one is not check_collector else spans)
        except (AssertionError, KeyError, ValueError) as wrong:
            failed += 1
            print(f"  FAILED {one.__doc__}: {wrong!r}"[:600])
    print(f"  {len(spans)} spans in {len(traces_of(s for s in spans if 'trace' in s))} traces")
    print(f"traces: {len(CHECKS) - failed} passed, {failed} failed")
    return failed == 0


def main(words):
    if len(words) == 3 and words[0] == "sink":
        sink(*words[1:])
    elif len(words) == 2 and words[0] == "check":
        sys.exit(0 if check(words[1]) else 1)
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
