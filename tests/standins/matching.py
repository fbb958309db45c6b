"""Field checks, matching, and the rules by which a stand-in misbehaves."""
from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Mapping

from records import Row, Table

ACTIONS = ("drop_before_accept", "drop_after_accept", "error", "delay", "spoil_answer")


class Invalid(Exception):
    """A request breaks the documented shape; `field` names the place."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


@dataclass(frozen=True)
class Field:
    """One field of a documented request. Lengths count Unicode code points."""

    kind: type
    required: bool = False
    least: int = 0
    most: int | None = None
    pattern: str | None = None
    one_of: tuple[Any, ...] | None = None
    check: Callable[[Any], None] | None = None


def text(most: int, required: bool = False, **more: Any) -> Field:
    """A string of 1..most characters."""
    return Field(str, required, 1, most, **more)


def whole(least: int, required: bool = False, most: int | None = None) -> Field:
    """An integer, least..most; JSON numbers with a fraction and booleans are refused."""
    return Field(int, required, least, most)


def check_fields(given: Any, wanted: Mapping[str, Field], where: str = "",
                 unknown_ok: bool = False) -> None:
    """Raises Invalid at the first field that is missing, of a wrong type or outside its limits."""
    if not isinstance(given, dict):
        raise Invalid(where or "body", "a JSON object is needed")
    prefix = f"{where}." if where else ""
    for name, field in wanted.items():
        if name not in given:
            if field.required:
                raise Invalid(prefix + name, "is required")
            continue
        if given[name] is None:
            raise Invalid(prefix + name, "must not be null")
        _check_value(prefix + name, given[name], field)
    for name in given:
        if name not in wanted and not unknown_ok:
            raise Invalid(prefix + name, "is not a documented field")


def _check_value(where: str, value: Any, field: Field) -> None:
    if not isinstance(value, field.kind) or (field.kind is int and isinstance(value, bool)):
        raise Invalid(where, f"must be of type {field.kind.__name__}")
    if field.kind in (str, list):
        size = len(value)
        if size < field.least or (field.most is not None and size > field.most):
            raise Invalid(where, f"length {size} is outside {field.least}..{field.most}")
    elif field.kind is int:
        if value < field.least or (field.most is not None and value > field.most):
            raise Invalid(where, f"{value} is outside {field.least}..{field.most}")
    if field.pattern is not None and not re.fullmatch(field.pattern, value):
        raise Invalid(where, "holds a character or form that is not allowed")
    if field.one_of is not None and value not in field.one_of:
        raise Invalid(where, "must be one of " + ", ".join(map(str, field.one_of)))
    if field.check is not None:
        try:
            field.check(value)
        except Invalid as err:
            raise Invalid(f"{where}.{err.field}" if err.field else where, err.problem) from err


def lookup(row: Any, path: str) -> Any:
    """A field by name or dotted path, `amount.refund`; None when absent."""
    if isinstance(row, dict) and path in row:
        return row[path]
    for part in path.split("."):
        if not isinstance(row, dict) or part not in row:
            return None
        row = row[part]
    return row


def matches(match: Mapping[str, Any], *rows: Any) -> bool:
    """Every wanted field is found, equal, in one of the rows; `contains` is text anywhere."""
    for name, wanted in match.items():
        if name == "contains":
            if not any(str(wanted) in json.dumps(row, ensure_ascii=False) for row in rows):
                return False
        elif not any(str(lookup(row, name)) == str(wanted)
                     for row in rows if lookup(row, name) is not None):
            return False
    return True


def check_match(match: Any, where: str = "match") -> None:
    """A match is an object of plain values."""
    if not isinstance(match, dict) or not all(
            isinstance(value, (str, int)) for value in match.values()):
        raise Invalid(where, "must be an object of field: string or number")


class Rules:
    """What the stand-in was told to do to coming calls. The first that fits is used up by one."""

    def __init__(self, table: Table, calls: Iterable[str]) -> None:
        self._table = table
        self._calls = tuple(calls)
        self._armed = [row for row in table.rows() if row["left"] > 0]

    def add(self, wanted: Row) -> Row:
        """Raises Invalid; answers the rule with its id."""
        check_fields(wanted, {
            "call": Field(str, True, one_of=self._calls),
            "match": Field(dict, check=lambda value: check_match(value, "")),
            "action": Field(str, True, one_of=ACTIONS),
            "status": whole(100, most=599),
            "code": Field(object),
            "message": text(200),
            "times": whole(1, most=1_000_000),
            "delay_ms": whole(1, most=600_000),
            "accepted": Field(bool),
        })
        action = wanted["action"]
        if action == "delay" and "delay_ms" not in wanted:
            raise Invalid("delay_ms", "is required for delay")
        if action == "error" and "code" not in wanted and "status" not in wanted:
            raise Invalid("code", "an error needs a code or a status")
        rule = {"id": f"rule-{len(self._table) + 1}", "match": {}, "times": 1, **wanted}
        rule["left"] = rule["times"]
        self._table.put(rule)
        self._armed.append(rule)
        return rule

    def take(self, call: str, *rows: Any) -> Row | None:
        """The rule for this call, if any; one use is gone afterwards, also over a restart."""
        for rule in self._armed:
            if rule["call"] == call and matches(rule["match"], *rows):
                rule["left"] -= 1
                self._table.put(rule)
                if rule["left"] == 0:
                    self._armed.remove(rule)
                return rule
        return None

    def clear(self) -> int:
        """Disarms everything that is left; answers how many rules that were."""
        for rule in self._armed:
            self._table.put({**rule, "left": 0})
        count = len(self._armed)
        self._armed = []
        return count
