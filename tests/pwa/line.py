"""A line to the office that counts what goes up, and is cut where a story wants it."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import urllib.parse
from typing import Final

CHUNK_BYTES: Final = 8_192
CONNECTS_WITHIN_S: Final = 10.0


class Line:
    """A line; phones find the office at its address.

    Attributes:
        url: its own address.
        up_bytes: what has gone up through it.
        cuts: how often it was cut.
    """

    def __init__(self, url: str) -> None:
        """Lay a line to an office; `close` takes it away."""
        place = urllib.parse.urlsplit(url)
        self.up_bytes = self.cuts = 0
        self._is_down = False
        self._cut_at_bytes: int | None = None
        self._lock = threading.Lock()
        self._server = _Server(self, (str(place.hostname), int(place.port or 80)))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="line", daemon=True)
        self._thread.start()

    @property
    def is_down(self) -> bool:
        """Whether nothing passes."""
        with self._lock:
            return self._is_down

    def cut_after(self, size_bytes: int) -> None:
        """Cut it when so many bytes more have gone up; it stays down until it is mended."""
        with self._lock:
            self._cut_at_bytes = self.up_bytes + size_bytes

    def mend(self) -> None:
        """Let everything pass again."""
        with self._lock:
            self._is_down = False

    def close(self) -> None:
        """Take it away."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def passing(self, data: bytes) -> bytes:
        """Give what passes of what goes up; less of it means that the line is cut here."""
        with self._lock:
            left = None if self._cut_at_bytes is None else self._cut_at_bytes - self.up_bytes
            passed = data if left is None or left >= len(data) else data[:left]
            self.up_bytes += len(passed)
            if len(passed) < len(data):
                self._cut_at_bytes = None
                self._is_down = True
                self.cuts += 1
            return passed


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, line: Line, office: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.line = line
        self.office = office


class _Connection(socketserver.BaseRequestHandler):
    """One connection of a phone, from its first byte to its last."""

    request: socket.socket
    server: _Server

    def handle(self) -> None:
        if self.server.line.is_down:
            return
        with contextlib.suppress(OSError), self._office() as office:
            down = threading.Thread(target=self._bring_down, args=(office,), daemon=True)
            down.start()
            self._carry_up(office)
            for end in (self.request, office):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            down.join()

    def _office(self) -> socket.socket:
        office = socket.create_connection(self.server.office, timeout=CONNECTS_WITHIN_S)
        office.settimeout(None)
        return office

    def _carry_up(self, office: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := self.request.recv(CHUNK_BYTES):
                passed = self.server.line.passing(data)
                office.sendall(passed)
                if len(passed) < len(data):
                    return

    def _bring_down(self, office: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := office.recv(CHUNK_BYTES):
                self.request.sendall(data)
            self.request.shutdown(socket.SHUT_RDWR)
