#!/usr/bin/env python3
"""What the six services show at /metrics after stories were played, held against docs/METRICS.md and the database.

Needs the environment of scripts/env; ends with one line `metrics: N passed, N failed`.
"""

import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = re.compile(r"([a-z_]+)(?:\{(.*)\})? (-?[0-9.e+]+|[+-]Inf|NaN)")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
ROW = re.compile(r"\| `([a-z_]+)` \| (\w+) \| ([^|]+) \|")
OPEN = "SELECT {stage}, count(*) FROM intake.docket WHERE stage NOT IN (4, 14, 15) GROUP BY stage"
FUND = "SELECT account, sum(balance_minor) FROM fund.account WHERE account NOT LIKE '%[%' GROUP BY account"
REFRESH_S = 15  # they are asked for every ten seconds


def documented():
    """name → (type, labels)"""
    found = {}
    for name, kind, labels in ROW.findall((ROOT / "docs/METRICS.md").read_text(encoding="utf-8")):
        found[name] = (kind, [] if labels == "—" else labels.split(", "))
    return found


def scrape(address):
    """[(name, labels, value)] and name → type"""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    samples, types = [], {}
    for line in lines:
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            types[name] = kind
        elif not line.startswith("#"):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            samples.append((name, dict(LABEL.findall(labels or "")), float(value)))
    return samples, types


def family(name, types):
    base = re.sub("_(bucket|sum|count)$", "", name)
    return base if types.get(base) == "histogram" else name


def differences(samples, types, known):
    """Between what is shown and what is documented."""
    wrong = []
    for name, labels, _value in samples:
        base = family(name, types)
        if known.get(base, (None,))[0] != types.get(base):
            wrong.append(f"{base}: {types.get(base)}, documented as {known.get(base)}")
        elif sorted(labels.keys() - {"le"}) != sorted(known[base][1]):
            wrong.append(f"{base}: labels {sorted(labels)}, documented {known[base][1]}")
    return sorted(set(wrong))


def query(statement):
    out = subprocess.run(["psql", "-XAtq", "-F", "\t", "-c", statement], check=True, capture_output=True, text=True)
    return {key: int(value) for key, value in (line.split("\t") for line in out.stdout.splitlines())}


def value(samples, name, **labels):
    """The sum of all series that have these labels."""
    return sum(v for n, have, v in samples if n == name and labels.items() <= have.items())


def shown(samples, name, label):
    return {labels[label]: int(v) for n, labels, v in samples if n == name and v}


def agree(address, name, label, statement):
    """Whether a gauge comes to what the database has, nothing else being under way."""
    for _ in range(REFRESH_S):
        samples, _types = scrape(address)
        wanted = {key: number for key, number in query(statement).items() if number}
        have = shown(samples, name, label)
        if have == wanted:
            return True, have
        time.sleep(1)
    return False, f"{have}, in the database {wanted}"


def main():
    passed = failed = 0

    def check(what, good, detail=""):
        nonlocal passed, failed
        passed, failed = passed + bool(good), failed + (not good)
        print(f"{'ok' if good else 'FAILED'}  {what}" + ("" if good else f": {detail}"))

    known = documented()
    addresses = dict(item.split("=") for item in os.environ["HESHI_ADMIN"].split(","))
    of = {}
    for service, address in addresses.items():
        samples, types = scrape(address)
        of[service] = samples
        wrong = differences(samples, types, known)
        check(f"{service} shows what is documented", not wrong, "; ".join(wrong))
        check(f"{service} says what it is", value(samples, "dispute_build_info", service=service) == 1, "no build info")
        check(f"{service} drops no series", value(samples, "dispute_metrics_dropped_total") == 0, "some are dropped")
    consumed = "dispute_events_consumed_total"
    for service, kind in (("intake", "FileComplaint"), ("intake", "ClockBreached"), ("sla", "COMPLAINT_FILED"),
                          ("fund", "PaymentReported"), ("arbitration", "AwardReceived")):
        check(f"{service} counts {kind}", value(of[service], consumed, type=kind, result="ok") > 0, "none")
    check("copies of a command count as such, and a followed entry counts once",
          value(of["intake"], consumed, type="AcceptClaim", result="duplicate") >= 9
          and value(of["sla"], consumed, type="COMPLAINT_FILED", result="duplicate") == 0, "they do not")
    check("a forged award is no record", value(of["arbitration"], "dispute_door_requests_total",
                                               result="SIGNATURE_INVALID") > 0, "none at the door")
    # fund was killed on purpose in between: its counters are those since then.
    check("payouts are counted with their sums",
          value(of["fund"], "dispute_payouts_total", result="confirmed", currency="CNY") > 0
          and value(of["fund"], "dispute_payout_amount_minor_units_total", result="confirmed") >= 100, "none")
    stages = {number: name for name, number in re.findall(
        r"^\s*STAGE_(\w+) = (\d+);", (ROOT / "proto/disputes/common/v1/common.proto").read_text(), re.M)}
    names = "CASE stage " + " ".join(f"WHEN {number} THEN '{name}'" for number, name in stages.items()) + " END"
    check("open cases are those of the docket",
          *agree(addresses["intake"], "dispute_cases_open", "state", OPEN.format(stage=names)))
    check("the fund's money is that of its books",
          *agree(addresses["fund"], "dispute_fund_balance_minor_units", "account", FUND))
    print(f"metrics: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
