"""The limits of the wire."""

import resource
from dataclasses import dataclass

#: Files that a process needs for other things than clients: database, log, metrics, the loop's own.
RESERVED_FILES = 96
#: How many of those are for connections that are closing while their client still sends or does not read.
CLOSING_FILES = 32
#: Bytes of a request's line and header fields, of its target alone, and the number of fields.
HEAD_BYTES = 16_384
TARGET_BYTES = 8_192
MAX_FIELDS = 100
#: Bytes of one line of a chunk's size and extensions, and of all lines of trailers.
CHUNK_LINE_BYTES = 256
TRAILER_BYTES = 8_192
#: Bytes of bodies, or of later requests, that wait in a connection before reading from it is paused.
BUFFERED_BYTES = 65_536
#: Bytes that the kernel takes of a response before the client has room for them: writing megabytes to each
#: of 2,000 clients that do not read took seconds.
UNSENT_BYTES = 65_536
#: The least bytes a second of a body that an application waits for, and of a response that a client reads.
SLOWEST = 1_024
#: Seconds and bytes for which a closed connection still reads: else the client loses the last response. A
#: proxy sends all of the body that it has, and makes a 502 of a reset.
LINGER_SECONDS = 2.0
LINGER_BYTES = 8_388_608
#: Seconds in which clients with kept connections may still send a request when the server stops.
DRAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that settings decide.

    Timeouts are seconds. 0 connections are as many as the limit of open files allows; for one client 0 is
    half of all, None no limit of its own.
    """

    head_timeout: float = 10
    body_timeout: float = 10
    write_timeout: float = 10
    idle_timeout: float = 15
    connections: int = 0
    connections_per_client: int | None = 0

    def all_connections(self) -> int:
        """Return how many connections this process may have."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        permitted = 1_000_000 if files == resource.RLIM_INFINITY else max(files - RESERVED_FILES, files // 2)
        return min(self.connections or permitted, permitted)

    def of_one_client(self) -> int:
        """Return how many of them one client address may have."""
        everything = self.all_connections()
        if self.connections_per_client is None:
            return everything
        return min(self.connections_per_client or max(everything // 2, 1), everything)
