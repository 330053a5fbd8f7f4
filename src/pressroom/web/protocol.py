"""The wire: uvicorn's protocol, whose own refusals are problems too."""

from datetime import UTC, datetime

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pressroom.web.log import write_line
from pressroom.web.problems import MEDIA_TYPE, problem_body


class ProblemProtocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools. What it cannot read has no request id, for it is no request."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the text is not for clients
        """Refuse what is not HTTP, and close: nobody knows where a next request would begin."""
        body = problem_body(400, "This is not a request of HTTP/1.1.")
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            f"content-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
        write_line({"time": datetime.now(UTC), "level": "info", "event": "not_http", "status": 400})
