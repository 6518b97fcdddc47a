"""Token buckets: how often something may happen, and a line for who comes faster: §2."""

import asyncio

from .limits import HELLO_LINE_MS_MAX, HELLOS_BURST_MAX, HELLOS_PER_SECOND_MAX
from .text import now_ms
from .tokens import Refused


class Bucket:
    def __init__(self, per_second: float, burst: float) -> None:
        self.per_second, self._burst = per_second, burst
        self._level, self._at = burst, now_ms()

    def wait_ms(self) -> float:
        """Takes one, and says how long to wait until it is due."""
        at = now_ms()
        self._level = min(self._burst, self._level + (at - self._at) * self.per_second / 1_000)
        self._at = at
        self._level -= 1
        return max(0.0, -self._level * 1_000 / self.per_second)

    def take(self) -> bool:
        if self.wait_ms() == 0:
            return True
        self._level += 1
        return False


class HelloLine:
    """So many hellos at once and so many a second, in the order in which they came."""

    def __init__(self) -> None:
        self._bucket = Bucket(HELLOS_PER_SECOND_MAX, HELLOS_BURST_MAX)

    async def enter(self) -> None:
        wait_ms = self._bucket.wait_ms()
        if wait_ms > HELLO_LINE_MS_MAX:
            self._bucket._level += 1
            raise Refused("too-many", "too many clients come at once; ask the directory again shortly")
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / 1_000)
