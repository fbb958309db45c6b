#!/usr/bin/env python3
"""Disputes under load while everything dies: scripts/chaos starts this against a set of its own."""
from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path

import audit
from check import Verdict, check
from faults import Faults
from load import Load
from world import INSTANCES, RUN, SERVICES, database, rows

QUIET_S = 4  # so long nothing may change before it counts as at rest
STILL_S = 75  # so long without an entry, and it will not move any more: no clock of these disputes is as long
ENDED_S = 30  # the same when all have ended: positions and calls are left


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--stops", type=int, required=True)
    parser.add_argument("--disputes", type=int, required=True)
    parser.add_argument("--copies", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--limit", type=float, required=True)
    return parser.parse_args()


class Progress:
    def __init__(self) -> None:
        self.tty, self.next, self.began = sys.stdout.isatty(), 0.0, time.monotonic()

    def show(self, text: str) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + (0.5 if self.tty else 10)
        line = f"  {now - self.began:5.0f} s  {text}"
        print(f"\r\033[K{line}" if self.tty else line, end="" if self.tty else "\n", flush=True)

    def end(self) -> None:
        if self.tty:
            print("\r\033[K", end="")


def resting() -> bool:
    """Nothing to publish, no call under way, followers at the end of the log; asked of Postgres alone."""
    try:
        link = database()
        try:
            for service in SERVICES:
                waits = rows(link, f"SELECT (SELECT coalesce(sum(out_seq - published_seq), 0) FROM {service}.lane) + "
                                   f"(SELECT count(*) FROM {service}.job WHERE state <> 2)")[0][0]
                if waits:
                    return False
            said = {lane: last for lane, last in rows(link, "SELECT lane, last_lanesequence FROM intake.lane_out "
                                                            "WHERE topic = 'disputes.case.event.v1'")}
            for service in SERVICES[1:]:
                read = dict(rows(link, f"SELECT lane, last_lanesequence FROM {service}.lane_cursor "
                                       "WHERE topic = 'disputes.case.event.v1'"))
                told = dict(rows(link, f"SELECT lane, last_lanesequence FROM {service}.lane_out"))
                heard = dict(rows(link, "SELECT lane, last_lanesequence FROM intake.lane_cursor WHERE topic = %s",
                                  f"disputes.{service}.finding.v1"))
                if any(read.get(lane, 0) != last for lane, last in said.items()) or \
                        any(heard.get(lane, 0) != last for lane, last in told.items()):
                    return False
            return True
        finally:
            link.close()
    except Exception:  # Postgres comes back, or the run is stuck
        return False


def play(options: argparse.Namespace) -> tuple[Load, Faults]:
    progress = Progress()
    load = Load(options.seed, options.disputes, options.copies)
    faults = Faults(options.seed, options.kills, options.stops, options.seconds)
    load.start(options.seconds * 0.9)
    moved, seen = time.monotonic(), -1
    while True:
        faults.turn()
        load.turn()
        now = time.monotonic()
        if load.entries != seen or not faults.over or not load.idle:
            moved, seen = now, load.entries
        progress.show(f"{load.ended} of {options.disputes} disputes ended, {load.entries} entries, "
                      f"{faults.planned - len(faults.plan)} of {faults.planned} faults")
        if load.idle and faults.over and load.ended == options.disputes and now - moved > QUIET_S and resting():
            break
        if now - moved > (STILL_S if load.ended < options.disputes else ENDED_S):
            break
        if faults.over and now - max(faults.last, faults.started + options.seconds) > options.limit:
            break
    for pid, _ in faults.stopped.values():
        os.kill(pid, 18)
    progress.end()
    load.close()
    return load, faults


def logged(text: str) -> int:
    """How often the services have said something."""
    count = 0
    for name in INSTANCES:
        for path in (RUN / "log" / f"{name}.log", RUN / "log" / f"{name}.log.1"):
            count += len(re.findall(text, path.read_text(errors="replace"))) if path.exists() else 0
    return count


def fences_raised() -> int:
    """On the server: an instance that has been told by the group meanwhile says nothing of it."""
    text = (RUN / "log/postgres.log").read_text(errors="replace")
    return len(re.findall("lane is owned by another instance|row version changed", text))


def report(load: Load, faults: Faults, verdict: Verdict, options: argparse.Namespace, seconds: float) -> None:
    shapes = {}
    for dispute in load.disputes:
        shapes[dispute.shape] = shapes.get(dispute.shape, 0) + 1
    print(f"seed {options.seed}: {options.disputes} disputes ({', '.join(f'{k} {v}' for k, v in sorted(shapes.items()))}),"
          f" {options.copies} copies of each command, {seconds:.0f} s")
    hits = ", ".join(f"{name} {times}" for name, times in sorted(faults.done.items()))
    print(f"  hit: {hits or 'nothing'}; {faults.in_flight} stops with work in flight")
    print(f"  lanes taken over {logged('lanes owned')} times, fence raised {fences_raised()} times")
    for note, number in verdict.notes.items():
        print(f"  {note}: {number}")
    for failure in load.failures[:5]:
        print(f"  load: {failure}"[:300])
    verdict.show()


def main() -> int:
    options = arguments()
    began = time.monotonic()
    audit.install(database())
    load, faults = play(options)
    link = database()
    binaries = os.environ.get("HESHI_BIN_DIR", str(Path(__file__).resolve().parents[2] / "build/bin"))
    verdict = check(load, link, binaries)
    for failure in load.failures:
        verdict.lost.append(failure)
    report(load, faults, verdict, options, time.monotonic() - began)
    kills = sum(times for name, times in faults.done.items() if " " not in name)
    print(f"chaos: kills={kills} events={verdict.events} lost={len(verdict.lost)} doubled={len(verdict.doubled)} "
          f"stuck={len(verdict.stuck)} seed={options.seed}")
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
