"""Response headers of a deprecated operation that announce its end: `Deprecation`, `Sunset` and `Link`."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import Headers

# What RFC 3986 permits in a URI; all else is percent-encoded.
_IN_URI = ":/?#[]@!$&'()*+,;=%"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """The dates of an operation's deprecation and end, both in UTC, and the URL of a page about it."""

    since: datetime | None = None
    sunset: datetime | None = None
    page: str = ""

    def headers(self) -> Headers:
        """Return the headers of RFC 9745 and RFC 8594."""
        found = []
        if self.since is not None:
            found.append((b"deprecation", b"@%d" % self.since.timestamp()))
        if self.sunset is not None:
            found.append((b"sunset", format_datetime(self.sunset, usegmt=True).encode()))
        if self.page:
            link = f'<{quote(self.page, safe=_IN_URI)}>; rel="deprecation"'
            found.append((b"link", link.encode()))
        return found

    def announced(self, app: ASGIApp) -> ASGIApp:
        """Return an application whose responses have the headers; dates that a response sets itself stay."""
        headers = self.headers()

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    own = {name for name, _ in message["headers"]} - {b"link"}
                    added = [header for header in headers if header[0] not in own]
                    message = {**message, "headers": [*message["headers"], *added]}
                await send(message)

            await app(scope, receive, send_with_headers)

        return serve
