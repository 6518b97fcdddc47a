"""Session tokens: §1. Verified here, at hello, by the public keys that are listed at that moment."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from .limits import CLOCK_LEEWAY_S, KEYS_REREAD_MS
from .text import is_id, now_ms, partition_of

_DATED_SESSION = re.compile(r"[0-9a-f]{32}")


class Refused(Exception):
    """Answered with an `error` frame, §2; never quotes a token."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Identity:
    user: str
    client: str
    session: str
    session_at: float  # of two sessions the newer is known without asking anybody
    partition: int


class Keys:
    """`EVENKEEL_JWKS`: JSON, or a file with it, which is read again so that keys can be rotated."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._is_file = not source.lstrip().startswith("{")
        self._read_at = now_ms()
        self._keys = self._read()

    def _read(self) -> dict[str | None, Any]:
        text = Path(self._source).read_text() if self._is_file else self._source
        listed = [key for key in json.loads(text)["keys"] if key.get("kty") == "OKP"]
        return {key.get("kid"): jwt.PyJWK.from_dict({**key, "alg": "EdDSA"}).key for key in listed}

    def current(self) -> dict[str | None, Any]:
        if self._is_file and now_ms() - self._read_at >= KEYS_REREAD_MS:
            self._read_at = now_ms()
            try:
                self._keys = self._read()
            except (OSError, ValueError, KeyError, jwt.PyJWTError):
                pass  # half a file, perhaps being written: the last whole one counts
        return self._keys


def verify(token: str, keys: Keys, service: str, partitions: int) -> Identity:
    """Raises Refused."""
    try:
        listed = keys.current()
        kid = jwt.get_unverified_header(token).get("kid")
        key = listed.get(kid) if kid is not None or len(listed) != 1 else next(iter(listed.values()))
        if key is None:
            raise Refused("bad-token", "no key of this service signed the token")
        claims = jwt.decode(
            token,
            key,
            algorithms=["EdDSA"],
            audience=service,
            issuer="evenkeel",
            leeway=CLOCK_LEEWAY_S,
            options={"require": ["sub", "iat", "exp", "aud", "iss"], "verify_iat": False},
        )
    except jwt.ExpiredSignatureError:
        raise Refused("expired", "the token has expired; ask the directory for a new session") from None
    except (jwt.PyJWTError, ValueError):
        raise Refused("bad-token", "the token is not a valid token of this service") from None
    user, client, session = claims.get("sub"), claims.get("client"), claims.get("sid")
    if not (is_id(user) and is_id(client) and is_id(session)):
        raise Refused("bad-token", "the token lacks one of sub, client and sid")
    partition = partition_of(user, partitions)
    if claims.get("p") != partition:
        raise Refused("bad-token", "the token's partition is not that of its user")
    dated = _DATED_SESSION.fullmatch(session) is not None
    at = int(session[:12], 16) if dated else float(claims["iat"]) * 1_000
    return Identity(user, client, session, at, partition)
