"""Records of a stand-in: append-only JSON lines, read again on start.

A row is kept as the line it was written as: `match=TEXT` asks for text in it,
and a long run of calls stays small in memory.
"""
from __future__ import annotations

import json
import os
from collections import deque
from pathlib import Path
from typing import Any, Iterator

Row = dict[str, Any]


def to_line(row: Row) -> str:
    """One compact JSON line; Chinese stays readable and searchable.

    Bytes that are no UTF-8 (a header, a path) reach us as lone surrogates: they are kept escaped."""
    line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return line.encode("utf-8", "backslashreplace").decode()


class _Journal:
    """An append-only file. One write per line, so a killed process leaves at most one torn tail."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def read(self) -> Iterator[str]:
        """Lines in order; cuts off a torn tail first, or the next line would be glued to it."""
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(self._fd, whole)
        for line in data[:whole].decode().split("\n"):
            if line:
                yield line

    def append(self, line: str) -> None:
        """The page cache is enough: the process may be killed, the machine need not be."""
        data = (line + "\n").encode()
        while data:
            data = data[os.write(self._fd, data):]

    def close(self) -> None:
        os.close(self._fd)


class Table:
    """Rows by key; the last line of a key is its row."""

    def __init__(self, directory: Path, name: str, key: str) -> None:
        self.key = key
        self._journal = _Journal(directory / f"{name}.jsonl")
        self._lines: dict[str, str] = {}
        for line in self._journal.read():
            self._lines[str(json.loads(line)[key])] = line

    def __len__(self) -> int:
        return len(self._lines)

    def get(self, key: str) -> Row | None:
        """A copy: changes count only once they are put."""
        line = self._lines.get(key)
        return None if line is None else json.loads(line)

    def put(self, row: Row) -> None:
        line = to_line(row)
        self._journal.append(line)
        self._lines[str(row[self.key])] = line

    def rows(self, text: str = "") -> list[Row]:
        """Rows whose JSON holds the text, in the order of their first line."""
        return [json.loads(line) for line in self._lines.values() if text in line]

    def close(self) -> None:
        self._journal.close()


class Log:
    """Rows without a key. The file keeps all, memory the newest `keep`."""

    def __init__(self, directory: Path, name: str, keep: int) -> None:
        self._journal = _Journal(directory / f"{name}.jsonl")
        self._lines: deque[str] = deque(maxlen=keep)
        self.total = 0
        for line in self._journal.read():
            self._lines.append(line)
            self.total += 1

    def add(self, row: Row) -> None:
        line = to_line(row)
        self._journal.append(line)
        self._lines.append(line)
        self.total += 1

    def rows(self, text: str = "") -> list[Row]:
        return [json.loads(line) for line in self._lines if text in line]

    def close(self) -> None:
        self._journal.close()
