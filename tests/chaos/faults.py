"""What is done to the processes: kill -9, SIGSTOP with work in flight, Redis emptied. Everything by process id."""
from __future__ import annotations

import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from pathlib import Path

from world import INSTANCES, RUN, SERVICES, database, rows

HUNT_S = 8.0  # so long it is tried to stop an instance in the middle of a batch
SESSION_S = 6.0  # of the consumer groups (services/common/io/consumer.c): a stop must outlast it


def pid_of(name: str) -> int:
    try:
        return int((RUN / "pid" / f"{name}.pid").read_text())
    except (OSError, ValueError):
        return 0


def ports_of(pid: int) -> set[int]:
    """Local ports of a process's TCP connections."""
    inodes = set()
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            target = os.readlink(link)
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    except OSError:
        return set()
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        word = line.split()
        if word[9] in inodes:
            found.add(int(word[1].rsplit(":", 1)[1], 16))
    return found


class Faults:
    """A plan drawn from the seed, carried out while time goes by; `turn` is called again and again."""

    def __init__(self, seed: int, kills: int, stops: int, seconds: float) -> None:
        chance = self.chance = random.Random(seed * 7919 + 1)
        self.done: Counter[str] = Counter()
        self.in_flight = 0  # stops that caught a transaction or a batch under way
        self.stopped: dict[str, tuple[int, float]] = {}
        self.hunted: set[str] = set()  # a thread waits for the moment to stop it
        begin, self.plan = 4.0, []
        victims = [INSTANCES[i % len(INSTANCES)] for i in range(kills)]
        chance.shuffle(victims)
        for name in victims:
            self.plan.append((chance.uniform(begin, begin + seconds), "kill", name))
        for i in range(stops):  # spread out: two stops of one service at once leave nobody to take over
            name = ("investigation", "intake", "notification", "fund", "sla", "arbitration")[i % len(SERVICES)]
            at = begin + seconds * (i + 0.2 + 0.2 * chance.random()) / max(stops, 1)
            self.plan.append((at, "stop", chance.choice((name, f"{name}-2"))))
        if kills:
            for name, share in (("kafka", 0.33), ("postgres", 0.6)):
                self.plan.append((begin + seconds * (share + 0.1 * chance.random()), "kill", name))
            self.plan.append((begin + seconds * (0.1 + 0.1 * chance.random()), "flush", "redis"))
            self.plan.append((begin + seconds * (0.75 + 0.1 * chance.random()), "kill", "redis"))
        self.plan.sort()
        self.planned = len(self.plan)
        self.started = time.monotonic()
        self.last = self.started

    @property
    def over(self) -> bool:
        return not self.plan and not self.stopped and not self.hunted

    def turn(self) -> None:
        now = time.monotonic()
        for name, (pid, until) in list(self.stopped.items()):
            if now >= until:
                self._continue(pid)
                del self.stopped[name]
                self.last = now
        while self.plan and now - self.started >= self.plan[0][0]:
            at, kind, name = self.plan.pop(0)
            if not self._hit(kind, name):  # it is not there just now, or is stopped: a moment later
                self.plan.append((now - self.started + 0.3, kind, name))
                self.plan.sort()
                break
            self.last = now

    @staticmethod
    def _continue(pid: int) -> None:
        try:
            os.kill(pid, signal.SIGCONT)
        except OSError:
            pass

    def _hit(self, kind: str, name: str) -> bool:
        if kind == "flush":
            done = self._flush()
        elif kind == "stop":
            done = self._stop(name)
        else:
            done = name not in self.stopped and name not in self.hunted and self._signal(name, signal.SIGKILL)
        if done:
            self.done[f"{kind} {name}" if kind != "kill" else name] += 1
        return done

    @staticmethod
    def _signal(name: str, number: int) -> bool:
        pid = pid_of(name)
        try:
            if not pid or f"/{name.removesuffix('-2')}" not in Path(f"/proc/{pid}/cmdline").read_text() \
                    and name in INSTANCES:
                return False
            os.kill(pid, number)
        except OSError:
            return False
        return True

    @staticmethod
    def _flush() -> bool:
        where = os.environ["REDIS_URL"].split("//")[1].split("/")[0].split(":")
        try:
            with socket.create_connection((where[0], int(where[1])), timeout=3) as link:
                link.sendall(b"FLUSHALL\r\n")
                return link.recv(16).startswith(b"+OK")
        except OSError:
            return False

    def _stop(self, name: str) -> bool:
        service = name.removesuffix("-2")
        other = f"{service}-2" if name == service else service
        if {name, other} & (self.stopped.keys() | self.hunted) or not pid_of(other):
            return False
        self.hunted.add(name)
        threading.Thread(target=self._hunt, args=(name, service, self.chance.uniform(2.0, 4.0)), daemon=True).start()
        return True

    def _hunt(self, name: str, service: str, more_s: float) -> None:
        """Stops it in the middle of something: short stops until its session shows work under way; at last anyhow."""
        caught, pid = False, 0
        until = time.monotonic() + HUNT_S
        try:
            link = database()
            while time.monotonic() < until and not caught:
                pid = pid_of(name)
                if not self._signal(name, signal.SIGSTOP):
                    time.sleep(0.2)
                    continue
                caught = self._busy(link, service, pid)
                if not caught:
                    self._signal(name, signal.SIGCONT)
                    time.sleep(0.002)
            link.close()
        except Exception:  # Postgres is away: stopped all the same, or it was killed meanwhile
            pass
        while not caught and not self._signal(name, signal.SIGSTOP):
            time.sleep(0.2)
        self.in_flight += caught
        self.stopped[name] = (pid_of(name), time.monotonic() + SESSION_S + more_s)
        self.hunted.discard(name)

    @staticmethod
    def _busy(link: Any, service: str, pid: int) -> bool:
        """The rows of a batch are loaded and their answer lies unread in its socket: a batch is in flight, and what it
        will decide from them when it goes on must not be taken any more."""
        time.sleep(0.004)
        mine = ports_of(pid)
        for port, last in rows(link, "SELECT client_port, query FROM pg_stat_activity WHERE application_name = %s",
                               service):
            if port in mine:
                return unread(port) and "[]" in last and "timer" not in last
        return False


def unread(port: int) -> bool:
    """Bytes in the receive queue of the connection with this local port."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        word = line.split()
        if int(word[1].rsplit(":", 1)[1], 16) == port:
            return int(word[4].split(":")[1], 16) > 0
    return False
