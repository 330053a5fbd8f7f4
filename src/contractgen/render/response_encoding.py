"""The statements that write a response: its status, its headers, its body."""

from collections.abc import Iterator
from pprint import pformat

from contractgen.plan.contract import Header, Response, ResponseContent
from contractgen.plan.media import sent_as
from contractgen.render.response_types import ResponseTypes


class ResponseEncoding:
    """Prints the method that encodes a response, with the encoders that the types of its contract have."""

    def __init__(self, types: ResponseTypes) -> None:
        self._types = types

    def statements(self, response: Response) -> Iterator[str]:
        """Yield the statements of the method: one if the response has no headers that can be absent."""
        plain = [each for each in response.headers if each.writer != "cookies"]
        pairs = [*_own_pairs(response), *(_pair(each) for each in plain if each.required)]
        more = [each for each in plain if not each.required]
        more += [each for each in response.headers if each.writer == "cookies"]
        headers = f"[{', '.join(pairs)}]"
        if more:
            yield f"headers = {headers}"
            headers = "headers"
        for header in more:
            value = f"self.{header.field}"
            cookies = f"headers += cookies({value})"
            statement = cookies if header.writer == "cookies" else f"headers.append({_pair(header)})"
            if not header.required:
                yield f"if {value} is not None:"
            yield statement if header.required else f"    {statement}"
        yield f"return self.status, {headers}, {self._body(response.content)}"

    def _body(self, content: ResponseContent | None) -> str:
        if content is None:
            return 'b""'
        match content.kind:
            case "json":
                return f"{self._types.encoder_of(content)}(self.body)"
            case "text":
                charset = "" if content.charset == "utf-8" else f", {pformat(content.charset)}"
                return f"encode_text(self.body{charset})"
            case "binary":
                return "self.body"
            case "events" | "lines" | "sequence":
                return f"{_SEQUENCES[content.kind]}(self.body, {self._types.encoder_of(content)})"


_SEQUENCES = {"events": "events", "lines": "json_lines", "sequence": "json_sequence"}


def _own_pairs(response: Response) -> Iterator[str]:
    """Yield the headers that the contract does not name."""
    if content := response.content:
        media_type = f"b{pformat(sent_as(content.media_types[0]))}"
        chosen = "chosen_type(self.media_type, self.media_types)"
        yield f'(b"content-type", {chosen if content.is_choice else media_type})'
    if response.negotiated:
        yield '(b"vary", b"accept")'


def _pair(header: Header) -> str:
    """Return the expression of a header's name and value."""
    value = f"self.{header.field}"
    if header.writer == "json":
        value = f"as_json({value})"
    elif header.writer != "text":
        value = f"simple({value}{', explode=True' if header.writer == 'exploded' else ''})"
    return f'(b"{header.name.lower()}", header_value({value}))'
