"""Small things that every module needs: the clock, a partition of a name, JSON that nobody vouched for.

Nothing here throws for what stands in a topic or comes through a socket.
"""

import json
import re
import time
from typing import Any, TypeGuard

from .limits import ID_UNITS_MAX, NUMBER_MAX, SAFE_INTEGER_MAX, URL_UNITS_MAX

# CLOCK_BOOTTIME goes on while the machine sleeps: a lease that ignored that would outlive its TTL.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_OFFSET = re.compile(r"[0-9]{1,16}")
_SPACE = re.compile("[\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]")
_NOT_IN_IDS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def now_ms() -> float:
    """Monotonic; comparable within this process only."""
    return time.clock_gettime_ns(_CLOCK) / 1e6


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def murmur2(data: bytes) -> int:
    """Kafka's MurmurHash2, 32 bit, unsigned."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    if tail := data[whole:]:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def partition_of(user: str, partitions: int) -> int:
    """§3: what Kafka's default partitioner does with the key."""
    return (murmur2(user.encode()) & 0x7FFFFFFF) % partitions


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _int(digits: str) -> int | float:
    """Python refuses thousands of digits, JSON does not: nobody's verdict may depend on that."""
    return int(digits) if len(digits) <= 20 else float(digits)


def parse_object(data: str | bytes | None) -> dict[str, Any] | None:
    """A JSON object, or None. Python's reader takes NaN, and guesses encodings: neither is JSON."""
    if data is None:
        return None
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=_int)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def whole(value: Any, low: int, high: int) -> int | None:
    """A whole number as JSON means it: `7`, `7.0` and `7e0` are one number, `true` is none."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= SAFE_INTEGER_MAX:
        value = int(value)
    return value if type(value) is int and low <= value <= high else None


def number(value: Any) -> int | None:
    """A revision or an epoch."""
    return whole(value, 0, NUMBER_MAX)


def offset_of(value: Any) -> int | None:
    """An offset as it stands in JSON: a string of ASCII digits."""
    if not isinstance(value, str) or _OFFSET.fullmatch(value) is None:
        return None
    offset = int(value)
    return offset if offset <= SAFE_INTEGER_MAX else None


def utf16_units(text: str) -> int:
    return sum(2 if ord(c) > 0xFFFF else 1 for c in text)


def is_id(value: Any) -> TypeGuard[str]:
    """§2: 1 to 128 UTF-16 units (not code points), no control characters, no lone surrogates."""
    if not isinstance(value, str) or not 0 < len(value) <= ID_UNITS_MAX:
        return False
    return utf16_units(value) <= ID_UNITS_MAX and _NOT_IN_IDS.search(value) is None


def is_url(value: Any) -> TypeGuard[str]:
    """One word. What is white space is ECMAScript's list: Python's `isspace` has another."""
    return isinstance(value, str) and 0 < utf16_units(value) <= URL_UNITS_MAX and not _SPACE.search(value)


def to_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
        return text
    except UnicodeEncodeError:  # half a character in a body: JSON can say it, UTF-8 cannot
        return json.dumps(value, separators=(",", ":"))
