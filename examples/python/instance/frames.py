"""The frames of a client, checked: §2. Whatever comes through a socket is untrusted, and never quoted."""

import math
from dataclasses import dataclass
from typing import Any

from .limits import FRAME_BYTES_MAX, GAP_MAX_MS, SAFE_INTEGER_MAX, TOKEN_CHARS_MAX
from .text import offset_of, parse_object, whole
from .tokens import Refused

CLOSE_CODES = {
    "bad-frame": 4400,
    "bad-token": 4401,
    "expired": 4403,
    "superseded": 4409,
    "too-large": 4413,
    "too-many": 4429,
    "unavailable": 4503,
}
DISCONNECT_CODES = {"moved": 4001, "leaving": 4001, "replaced": 4003}
REDIRECT_CODE = 4002
BYE_CODE = 1000


@dataclass(frozen=True, slots=True)
class Hello:
    token: str
    next: int | None
    revision: int | None
    marks_repeats: bool


def read_frame(data: str | bytes) -> dict[str, Any]:
    """Raises Refused."""
    if isinstance(data, bytes):
        raise Refused("bad-frame", "binary frames are not part of the protocol")
    if len(data) > FRAME_BYTES_MAX or len(data.encode(errors="replace")) > FRAME_BYTES_MAX:
        raise Refused("too-large", f"a frame has at most {FRAME_BYTES_MAX} bytes")
    frame = parse_object(data)
    if frame is None or frame.get("type") not in ("hello", "send", "moved", "bye"):
        raise Refused("bad-frame", "a frame is a JSON object whose type the protocol knows")
    return frame


def read_hello(frame: dict[str, Any]) -> Hello:
    """Raises Refused."""
    if frame["type"] != "hello":
        raise Refused("bad-frame", "the first frame is hello")
    token, wanted = frame.get("token"), frame.get("next", "")
    if not isinstance(token, str) or not 0 < len(token) <= TOKEN_CHARS_MAX:
        raise Refused("bad-frame", "hello.token is a string")
    if wanted is not None and offset_of(wanted) is None:
        raise Refused("bad-frame", "hello.next is an offset as a string of digits, or null")
    revision = whole(frame.get("revision"), 0, SAFE_INTEGER_MAX)
    if "revision" in frame and revision is None:
        raise Refused("bad-frame", "hello.revision is a whole number from 0, or absent")
    return Hello(token, offset_of(wanted), revision, frame.get("marksRepeats") is True)


def read_gap(frame: dict[str, Any]) -> int:
    """Clamped, because it goes into histograms. Raises Refused."""
    gap = frame.get("gapMs")
    if isinstance(gap, bool) or not isinstance(gap, int | float) or not math.isfinite(gap):
        raise Refused("bad-frame", "moved.gapMs is a number of milliseconds")
    return min(GAP_MAX_MS, max(0, round(gap)))


def told_gap(frame: dict[str, Any], echoed: int | None, welcomed: int) -> tuple[int, bool]:
    """Under which revision a gap counts, and whether its client was told to move. Raises Refused."""
    told = echoed
    if "told" in frame:
        told = whole(frame["told"], 0, SAFE_INTEGER_MAX)
        if told is None and frame["told"] is not None:
            raise Refused("bad-frame", "moved.told is a whole number from 0, null, or absent")
    under = next((one for one in (told, echoed) if one is not None), welcomed)
    # Never a higher one: an invented revision would push out a real one.
    return min(under, welcomed), told is not None
