"""`/healthz/{startup,live,ready}` and `/metrics`, on a port of their own: §1."""

import asyncio
from collections.abc import Callable

from .text import to_json

Answer = Callable[[], str | None]  # None: yes; else why not


class Probes:
    def __init__(self, answers: dict[str, Answer], metrics: Callable[[], str]) -> None:
        self._answers, self._metrics = answers, metrics

    async def start(self, host: str | None, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._on_client, host, port)

    async def _on_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5):
                head = await reader.readuntil(b"\r\n\r\n")
                method, path, *_ = head.split(b" ", 2)
                status, kind, body = self._answer(method, path.decode("ascii", "replace"))
                text = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\n"
                writer.write(f"{text}content-length: {len(body.encode())}\r\n\r\n{body}".encode())
                await writer.drain()
        except (TimeoutError, OSError, ValueError, EOFError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    def _answer(self, method: bytes, path: str) -> tuple[str, str, str]:
        if method == b"GET" and path == "/metrics":
            return "200 OK", "text/plain; version=0.0.4; charset=utf-8", self._metrics()
        answer = self._answers.get(path.removeprefix("/healthz/"))
        if method != b"GET" or answer is None or not path.startswith("/healthz/"):
            return "404 Not Found", "application/json", '{"ok":false}'
        why = answer()
        if why is None:
            return "200 OK", "application/json", '{"ok":true}'
        return "503 Service Unavailable", "application/json", to_json({"ok": False, "why": why})


def metrics_text(*metrics: tuple[str, str, int | dict[str, int]]) -> str:
    """Prometheus text of (name, type, value, or a value by labels)."""
    lines = []
    for name, kind, value in metrics:
        by_labels = value if isinstance(value, dict) else {"": value}
        lines += [f"# TYPE {name} {kind}", *(f"{name}{labels} {n}" for labels, n in by_labels.items())]
    return "\n".join(lines) + "\n"
