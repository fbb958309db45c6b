"""A follower's tables against those that it folds anew from the log: the README of each names what must be equal."""
from __future__ import annotations

import os
import re
import subprocess
from typing import Any

from world import FOLLOWERS, ROOT, rows

ROW = re.compile(r"^\| `([a-z0-9_]+)` \| (.*) \|$")


def projection(service: str) -> dict[str, set[str]]:
    """Table → columns that are not compared, as the README has it."""
    text = (ROOT / "services" / service / "README.md").read_text()
    part = text.split("\n## Projection\n", 1)[1].split("\n## ", 1)[0]
    found = {}
    for line in part.splitlines():
        match = ROW.match(line)
        if match:
            found[match[1]] = set(re.findall(r"`([a-z0-9_]+)`", match[2]))
    return found


def fold(service: str, schema: str, binaries: str) -> str:
    """Runs it; what went wrong, empty: nothing."""
    made = subprocess.run([ROOT / "scripts/migrate", "--schema", schema, service], capture_output=True, text=True,
                          check=False)
    if made.returncode:
        return f"scripts/migrate: {made.stderr.strip()[-300:]}"
    told = subprocess.run([ROOT / "scripts/env", service], capture_output=True, text=True, check=True).stdout
    environment = {"PATH": os.environ["PATH"]}
    for line in told.splitlines():
        name, value = line.removeprefix("export ").split("=", 1)
        environment[name] = value.replace("\\", "")
    run = subprocess.run([f"{binaries}/{service}", "--rebuild", schema], capture_output=True, text=True, check=False,
                         env=environment, timeout=600)
    return "" if run.returncode == 0 else f"status {run.returncode}: {(run.stdout + run.stderr).strip()[-400:]}"


def table(link: Any, schema: str, name: str, without: set[str]) -> tuple[list[str], dict[tuple, tuple]]:
    """Rows by primary key."""
    columns = [c for c, in rows(link, "SELECT column_name FROM information_schema.columns WHERE table_schema = %s "
                                      "AND table_name = %s ORDER BY ordinal_position", schema, name)
               if c not in without]
    keys = [c for c, in rows(link, "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
                                   "AND a.attnum = ANY (i.indkey) WHERE i.indisprimary AND i.indrelid = %s::regclass",
                             f"{schema}.{name}")]
    plain = lambda value: bytes(value) if isinstance(value, memoryview) else value  # noqa: E731
    found = {}
    for row in rows(link, f"SELECT {', '.join(columns)} FROM {schema}.{name}"):
        named = dict(zip(columns, map(plain, row)))
        found[tuple(named[k] for k in keys)] = tuple(named.values())
    return columns, found


def compare(link: Any, binaries: str, lost: list[str], doubled: list[str]) -> int:
    """All followers; the number of rows compared. Absent or other rows are lost, rows too many doubled."""
    count = 0
    for service in FOLLOWERS:
        schema = f"again_{service}"
        wrong = fold(service, schema, binaries)
        if wrong:
            lost.append(f"{service} --rebuild: {wrong}")
            continue
        for name, without in projection(service).items():
            columns, live = table(link, service, name, without)
            _, again = table(link, schema, name, without)
            count += len(again)
            for key in again.keys() - live.keys():
                lost.append(f"{service}.{name} has no row {key}")
            for key in live.keys() - again.keys():
                doubled.append(f"{service}.{name} has a row {key} that the log does not give")
            for key in live.keys() & again.keys():
                if live[key] != again[key]:
                    other = [c for c, a, b in zip(columns, live[key], again[key]) if a != b]
                    lost.append(f"{service}.{name} {key}: {', '.join(other)} not as the log gives it")
    return count
