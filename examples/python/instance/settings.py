"""What the platform tells one process: §9. A wrong variable is one sentence that names it, and exit 2."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


class WrongSetting(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Settings:
    service: str
    name: str
    ordinal: int
    uid: str
    ended_uids: frozenset[str]
    partitions: int
    host: str | None
    port: int
    probe_port: int
    url: str
    jwks: str
    origins: str
    brokers: str
    mongo_uri: str
    mongo_database: str


def read_settings(env: Mapping[str, str]) -> Settings:
    def text(name: str, pattern: str, default: str | None = None) -> str:
        value = env.get(name) or default
        if value is None:
            raise WrongSetting(f"{name} is not set")
        if re.fullmatch(pattern, value, re.DOTALL) is None:
            shown = (
                "is not what docs/protocol.md §9 says" if "JWKS" in name or "URI" in name else f"is {value!r}"
            )
            raise WrongSetting(f"{name} {shown}")
        return value

    def whole(name: str, low: int, high: int) -> int:
        value = int(text(name, "[0-9]{1,9}"))
        if not low <= value <= high:
            raise WrongSetting(f"{name} is {value}; allowed: {low} to {high}")
        return value

    service = text("EVENKEEL_SERVICE", "[a-z][a-z0-9-]{0,62}")
    name = text("EVENKEEL_INSTANCE", re.escape(service) + "-[0-9]{1,6}")
    ended = text("EVENKEEL_ENDED_UIDS", "[A-Za-z0-9-]{1,64}(,[A-Za-z0-9-]{1,64})*", "none")
    return Settings(
        service=service,
        name=name,
        ordinal=int(name.rsplit("-", 1)[1]),
        uid=text("EVENKEEL_UID", "[A-Za-z0-9-]{1,64}"),
        ended_uids=frozenset(ended.split(",")) - {"none"},
        partitions=whole("EVENKEEL_PARTITIONS", 1, 20_000),
        host=env.get("EVENKEEL_HOST") or None,
        port=whole("EVENKEEL_PORT", 1, 65_535),
        probe_port=whole("EVENKEEL_PROBE_PORT", 1, 65_535),
        url=text("EVENKEEL_URL", r"wss?://\S+"),
        jwks=text("EVENKEEL_JWKS", ".+"),
        origins=text("EVENKEEL_ORIGINS", ".+", "*"),
        brokers=text("KAFKA_BROKERS", r"[^\s,]+(,[^\s,]+)*"),
        mongo_uri=text("MONGODB_URI", r"mongodb(\+srv)?://.+"),
        mongo_database=text("MONGODB_DATABASE", ".+", "evenkeel"),
    )
