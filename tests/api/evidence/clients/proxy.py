"""A line that is cut: a TCP proxy that hangs up on both ends after so many bytes have gone up."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Final

HOST: Final = "127.0.0.1"
_READ_BYTES: Final = 16_384
_ABORT: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: close with a reset, as a line that is gone does."""


class Proxy:
    """Carries every connection to a server; the n-th cut comes when so many bytes went up in all.

    Attributes:
        port: where clients find it.
        up_bytes: what came from clients, whether it reached the server or not.
        cuts: how many connections were cut.
    """

    def __init__(self, *, upstream_port: int, cuts_at_bytes: Sequence[int], delay_s: float) -> None:
        """Open the port.

        Args:
            upstream_port: where the server listens.
            cuts_at_bytes: when lines are cut, in bytes that went up on all lines together.
            delay_s: how long each 16 kB takes on their way up.
        """
        self.up_bytes = self.cuts = 0
        self._upstream_port = upstream_port
        self._cuts_at_bytes = list(cuts_at_bytes)
        self._delay_s = delay_s
        self._lock = threading.Lock()
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=[client], daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            server = socket.create_connection((HOST, self._upstream_port))
            with server:
                threading.Thread(target=self._down, args=[server, client], daemon=True).start()
                self._up(client, server)

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        while data := client.recv(_READ_BYTES):
            time.sleep(self._delay_s)
            with self._lock:
                self.up_bytes += len(data)
                is_cut = bool(self._cuts_at_bytes) and self.up_bytes >= self._cuts_at_bytes[0]
                if is_cut:
                    self._cuts_at_bytes.pop(0)
                    self.cuts += 1
            if is_cut:
                for each in (client, server):
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
                return
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(_READ_BYTES):
                client.sendall(data)
        with contextlib.suppress(OSError):  # it may be closed already
            client.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def between(
    upstream_port: int, *, cuts_at_bytes: Sequence[int] = (), delay_s: float = 0.0
) -> Iterator[Proxy]:
    """Put a proxy before a server."""
    proxy = Proxy(upstream_port=upstream_port, cuts_at_bytes=cuts_at_bytes, delay_s=delay_s)
    try:
        yield proxy
    finally:
        proxy.close()
