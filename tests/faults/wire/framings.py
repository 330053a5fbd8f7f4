"""Requests as bytes, and what becomes of them: the statuses, and whether the connection is closed after them.

The rules are those of RFC 9112. A request that is not valid ends its connection, as nobody knows where the
next one would begin.
"""

HOST = b"Host: 127.0.0.1\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


def _get(*fields: bytes, line: bytes = b"GET / HTTP/1.1") -> bytes:
    return b"\r\n".join([line, b"Host: 127.0.0.1", *fields, b"", b""])


def _post(*fields: bytes, body: bytes = b"") -> bytes:
    return _get(*fields, line=b"POST / HTTP/1.1") + body


#: Name: bytes, the statuses in order. Those that end with 400 and more end the connection.
FRAMINGS: dict[str, tuple[bytes, list[int]]] = {
    # Valid
    "one": (GET, [200]),
    "two in one piece": (GET * 2, [200, 200]),
    "an empty line before the request": (b"\r\n" + GET, [200]),
    "an empty line between requests": (GET + b"\r\n" + GET, [200, 200]),
    "no space behind the colon": (_get(b"A:b"), [200]),
    "spaces round a value": (_get(b"A: \t b \t "), [200]),
    "an empty value": (_get(b"A:"), [200]),
    "bytes above ASCII in a value": (_get(b"A: \xe9\xff"), [200]),
    "a body of known length": (_post(b"Content-Length: 4", body=b"body") + GET, [200, 200]),
    "a body of no length": (_post(b"Content-Length: 0") + GET, [200, 200]),
    "a body with a GET": (_get(b"Content-Length: 4") + b"body" + GET, [200, 200]),
    "chunks": (CHUNKED + b"4\r\nbody\r\n0\r\n\r\n" + GET, [200, 200]),
    "chunk sizes with zeros": (CHUNKED + b"0004\r\nbody\r\n000\r\n\r\n" + GET, [200, 200]),
    "a chunk extension": (CHUNKED + b'4;a=b;c="d e"\r\nbody\r\n0\r\n\r\n' + GET, [200, 200]),
    "a line of a chunk of 256 bytes": (
        CHUNKED + b"4;" + b"a" * 254 + b"\r\nbody\r\n0\r\n\r\n" + GET,
        [200, 200],
    ),
    "a trailer": (CHUNKED + b"4\r\nbody\r\n0\r\nA: b\r\n\r\n" + GET, [200, 200]),
    "upper-case chunked": (
        _post(b"Transfer-Encoding: CHUNKED", body=b"1\r\nA\r\n0\r\n\r\n") + GET,
        [200, 200],
    ),
    "an absolute target": (_get(line=b"GET http://127.0.0.1/a?b HTTP/1.1"), [200]),
    "an absolute target without a path": (_get(line=b"GET http://127.0.0.1 HTTP/1.1"), [200]),
    "an asterisk": (_get(line=b"OPTIONS * HTTP/1.1"), [200]),
    "an upgrade that is not done": (_get(b"Connection: Upgrade", b"Upgrade: websocket") + GET, [200, 200]),
    "an upgrade to HTTP/2": (
        _get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AA") + GET,
        [200, 200],
    ),
    "an upgrade with a body": (
        _post(b"Connection: Upgrade", b"Upgrade: a", b"Content-Length: 4", body=b"body") + GET,
        [200, 200],
    ),
    "the last request of a connection": (_get(b"Connection: close") + GET, [200]),
    "HTTP/1.0": (_get(line=b"GET / HTTP/1.0") + GET, [200]),
    "HTTP/1.0 that asks for more": (_get(b"Connection: keep-alive", line=b"GET / HTTP/1.0") + GET, [200]),
    # Hosts: the edge refuses these, and the connection goes on
    "no Host": (b"GET / HTTP/1.1\r\n\r\n" + GET, [400, 200]),
    "two Hosts": (_get(b"Host: 127.0.0.1") + GET, [400, 200]),
    "another Host": (b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n" + GET, [400, 200]),
    "a target at another host": (_get(line=b"GET http://example.com/ HTTP/1.1") + GET, [400, 200]),
    # Request lines
    "garbage": (b"garbage\r\n\r\n" + GET, [400]),
    "garbage behind good requests": (GET * 50 + b"garbage\r\n\r\n", [*[200] * 50, 400]),
    "HTTP/0.9": (b"GET /\r\n", [400]),
    "HTTP/0.9 with an end": (b"GET /\r\n\r\n", [400]),
    "HTTP/1.2": (_get(line=b"GET / HTTP/1.2"), [400]),
    "HTTP/2.0": (_get(line=b"GET / HTTP/2.0"), [400]),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400]),
    "a lower-case method": (_get(line=b"get / HTTP/1.1") + GET, [400]),
    "an unknown method": (_get(line=b"BREW / HTTP/1.1") + GET, [400]),
    "CONNECT": (_get(line=b"CONNECT 127.0.0.1:80 HTTP/1.1") + GET, [400]),
    "CONNECT with a path": (_get(line=b"CONNECT / HTTP/1.1") + GET, [400]),
    "CONNECT with an absolute target": (_get(line=b"CONNECT http://127.0.0.1/ HTTP/1.1") + GET, [400]),
    "no target": (_get(line=b"GET HTTP/1.1"), [400]),
    "two spaces": (_get(line=b"GET  / HTTP/1.1"), [400]),
    "a space in the target": (_get(line=b"GET /a b HTTP/1.1"), [400]),
    "a space behind the version": (_get(line=b"GET / HTTP/1.1 "), [400]),
    "a fragment": (_get(line=b"GET /#a HTTP/1.1"), [400]),
    "a byte above ASCII in the target": (_get(line=b"GET /\xff HTTP/1.1"), [400]),
    "a null in the target": (_get(line=b"GET /\0 HTTP/1.1"), [400]),
    "a target that is no path": (_get(line=b"GET a HTTP/1.1"), [400]),
    "a user in the target": (_get(line=b"GET http://a@127.0.0.1/ HTTP/1.1"), [400]),
    "another scheme": (_get(line=b"GET ftp://127.0.0.1/ HTTP/1.1"), [400]),
    # Fields
    "a space before the colon": (_get(b"A : b") + GET, [400]),
    "a space in a name": (_get(b"A b: c") + GET, [400]),
    "no name": (_get(b": b") + GET, [400]),
    "no colon": (_get(b"A") + GET, [400]),
    "a folded line": (_get(b"A: b", b" c") + GET, [400]),
    "a first line that is folded": (b"GET / HTTP/1.1\r\n A: b\r\n" + HOST + b"\r\n", [400]),
    "bare line feeds": (GET.replace(b"\r\n", b"\n"), [400]),
    "one bare line feed": (b"GET / HTTP/1.1\r\nA: b\nHost: 127.0.0.1\r\n\r\n", [400]),
    "bare line feeds in a head without its end": (b"GET / HTTP/1.1\r\nA: b\nHost: 127.0.0.1\n\n", [400]),
    "a bare carriage return": (_get(b"A: b\rC: d"), [400]),
    "a null in a value": (_get(b"A: \0"), [400]),
    "a control in a value": (_get(b"A: \x01"), [400]),
    "a null in a name": (_get(b"A\0: b"), [400]),
    # Lengths
    "a length that is none": (_post(b"Content-Length: x") + GET, [400]),
    "a length with a sign": (_post(b"Content-Length: +4", body=b"body") + GET, [400]),
    "a negative length": (_post(b"Content-Length: -4") + GET, [400]),
    "two lengths": (_post(b"Content-Length: 4", b"Content-Length: 5", body=b"body") + GET, [400]),
    "two equal lengths": (_post(b"Content-Length: 4", b"Content-Length: 4", body=b"body") + GET, [400]),
    "a list of lengths": (_post(b"Content-Length: 4, 4", body=b"body") + GET, [400]),
    "a length past 64 bits": (_post(b"Content-Length: 18446744073709551617") + GET, [400]),
    "length and chunks": (
        _post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n") + GET,
        [400],
    ),
    "chunks and length": (
        _post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n") + GET,
        [400],
    ),
    "another coding": (_post(b"Transfer-Encoding: gzip", body=b"0\r\n\r\n") + GET, [400]),
    "another coding before chunks": (
        _post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n") + GET,
        [400],
    ),
    "codings on two lines": (
        _post(b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n") + GET,
        [400],
    ),
    "chunked twice": (_post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n") + GET, [400]),
    "a coding that looks like chunked": (
        _post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n") + GET,
        [400],
    ),
    "chunks of HTTP/1.0": (
        b"POST / HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET,
        [400],
    ),
    # Chunks
    "a chunk size that is none": (CHUNKED + b"x\r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a negative chunk size": (CHUNKED + b"-1\r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a chunk size with a prefix": (CHUNKED + b"0x4\r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "no chunk size": (CHUNKED + b"\r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a chunk size of 64 bits and more": (CHUNKED + b"10000000000000004\r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a space behind a chunk size": (CHUNKED + b"4 \r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a chunk that is longer than its size": (CHUNKED + b"3\r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a chunk that is shorter than its size": (CHUNKED + b"5\r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a bare line feed behind a size": (CHUNKED + b"4\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a bare line feed behind a chunk": (CHUNKED + b"4\r\nbody\n0\r\n\r\n" + GET, [400]),
    "a bare line feed in an extension": (CHUNKED + b"4;a\nb\r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a line of a chunk of 257 bytes": (
        CHUNKED + b"4;" + b"a" * 255 + b"\r\nbody\r\n0\r\n\r\n" + GET,
        [400],
    ),
    "a long chunk extension": (CHUNKED + b"4;" + b"a" * 1_000_000 + b"\r\nbody\r\n0\r\n\r\n" + GET, [400]),
    "a trailer without a colon": (CHUNKED + b"0\r\nA\r\n\r\n" + GET, [400]),
    "trailers without end": (CHUNKED + b"0\r\n" + b"A: b\r\n" * 10_000 + b"\r\n" + GET, [400]),
}
