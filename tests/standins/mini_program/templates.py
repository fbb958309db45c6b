"""Limits of template values, by the type in their key: `thing3` is a `thing` (WECHAT.md 5.2)."""
from __future__ import annotations

import re
import unicodedata

_KEY = re.compile(r"([a-z_]+?)([0-9]{1,3})")
_CLOCK = r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
_DAY = r"([0-9]{4}年(0?[1-9]|1[0-2])月(0?[1-9]|[12][0-9]|3[01])日" \
       r"|[0-9]{4}([-/.])(0?[1-9]|1[0-2])\4(0?[1-9]|[12][0-9]|3[01]))"
_DATE = re.compile(_DAY + r"( ?" + _CLOCK + r")?")
_TIME = re.compile(r"(" + _DAY.replace(r"\4", r"\5") + r" ?)?" + _CLOCK)
_AMOUNT = re.compile(r"[\u00a5\uffe5$€£]([0-9]+)(\.([0-9]+))?元?")


def _is_han(char: str) -> bool:
    return unicodedata.name(char, "").startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH"))


def _range(pattern: re.Pattern[str], value: str) -> bool:
    parts = value.split("~")
    return len(parts) <= 2 and all(pattern.fullmatch(part.strip()) for part in parts)


def _number(value: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) is not None \
        and sum(char.isdigit() for char in value) <= 32


def _amount(value: str) -> bool:
    match = _AMOUNT.fullmatch(value)
    return match is not None and len(match[1]) + len(match[3] or "") <= 10


def _symbol(value: str) -> bool:
    return len(value) <= 5 and not any(char.isalnum() or char.isspace() for char in value)


def _name(value: str) -> bool:
    if any(_is_han(char) for char in value):
        return len(value) <= 10 and all(_is_han(char) or char in "\u00b7" for char in value)
    return len(value) <= 20 and not any(char.isdigit() for char in value)


TYPES = {
    "thing": lambda value: len(value) <= 20,
    "number": _number,
    "letter": lambda value: re.fullmatch(r"[A-Za-z]{1,32}", value) is not None,
    "symbol": _symbol,
    "character_string": lambda value: re.fullmatch(r"[\x21-\x7e ]{1,32}", value) is not None,
    "time": lambda value: _range(_TIME, value),
    "date": lambda value: _range(_DATE, value),
    "amount": _amount,
    "phone_number": lambda value: re.fullmatch(r"[0-9+\-() ]{1,17}", value) is not None,
    "car_number": lambda value: len(value) <= 8,
    "name": _name,
    "phrase": lambda value: len(value) <= 5 and all(_is_han(char) for char in value),
    "enum": lambda value: len(value) <= 20,
    "const": lambda value: len(value) <= 20,
}


def key_type(key: str) -> str | None:
    """The type in a key such as `character_string12`; None when there is no such type."""
    match = _KEY.fullmatch(key)
    return match[1] if match is not None and match[1] in TYPES else None


def value_fits(key: str, value: object, listed: list[str] | None = None) -> bool:
    """Whether a value may stand under the key; `listed` are the values of an enum or const."""
    kind = key_type(key)
    if kind is None or not isinstance(value, str) or value == "":
        return False
    if listed is not None and value not in listed:
        return False
    return TYPES[kind](value)
