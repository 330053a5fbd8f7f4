"""Mutants of the wire, of transactions, connections and migrations, and of work that is done once."""

from tests.mutants.mutant import Mutant, of

_WIRE = "contractgen_runtime/service/wire"
_EXCHANGES = "contractgen_runtime/service/wire/test_exchange"
_PRESSURE = "contractgen_runtime/service/wire/test_pressure"
_connection = of(
    f"{_WIRE}/connection", _EXCHANGES, _PRESSURE, "faults/wire/test_framings", "faults/wire/test_deadlines"
)
_crowd = of(f"{_WIRE}/wire", "faults/wire/test_crowds", "faults/wire/test_stopping")
_draining = of(f"{_WIRE}/connection", "faults/wire/test_stopping")
_exchange = of(
    f"{_WIRE}/exchange", _EXCHANGES, _PRESSURE, "faults/wire/test_framings", "faults/wire/test_deadlines"
)
_framing = of(f"{_WIRE}/framing", "faults/wire/test_framings", "faults/wire/test_sizes")
_heads = of(f"{_WIRE}/heads", "faults/wire/test_framings", _EXCHANGES)
_limits = of(f"{_WIRE}/limits", "faults/wire/test_crowds")
_responses = of(f"{_WIRE}/responses", _EXCHANGES)
_sizes = of(f"{_WIRE}/connection", "faults/wire/test_sizes", "faults/wire/test_framings")
_sweep = of(f"{_WIRE}/wire", "faults/wire/test_deadlines")
_workers = of(f"{_WIRE}/workers", "faults/wire/test_stopping")

_answers = of("pressroom/idempotency/answers", "web/test_idempotency", "security/test_deeds")
_connections = of(
    "contractgen_runtime/postgres/connections",
    "faults/test_locks",
    "contractgen_runtime/postgres/test_unit_of_work",
    "faults/database/test_outages",
)
_db = of(
    "contractgen_runtime/postgres/db",
    "contractgen_runtime/postgres/test_unit_of_work",
    "contractgen_runtime/postgres/test_guard",
    "faults/test_locks",
)
_outbox = of("pressroom/outbox", "jobs/test_outbox", "jobs/test_worker")
_post_queries = of("pressroom/posts/queries", "security/test_deeds", "faults/test_locks")
_revisions = of("contractgen_runtime/postgres/revisions", "contractgen_runtime/postgres/test_migrations")

WIRE: list[Mutant] = [
    # Heads.
    _heads("a head may have a field more", "len(headers) > MAX_FIELDS:", "len(headers) > MAX_FIELDS + 1:"),
    _heads("a target may have a byte more", "len(target) > TARGET_BYTES:", "len(target) > TARGET_BYTES + 1:"),
    _heads("HTTP/1.0 may have chunks", " or length is not None or not is_current", " or length is not None"),
    _heads("any coding is chunked", 'coding.lower() != b"chunked"', 'b"chunked" not in coding.lower()'),
    _heads("any version is HTTP/1.0", 'if version != b" HTTP/1.0\\r\\n":', "if not version:"),
    _heads(
        "HTTP/1.0 is kept",
        "            self.keep_alive = False\n            if version",
        "            if version",
    ),
    _heads("the Host of an absolute target is kept", '[(b"host", found[1]), *(each for', "[*(each for"),
    _heads(
        "CONNECT has a path",
        'if target[0] != _SLASH or method == b"CONNECT":',
        "if target[0] != _SLASH:",
    ),
    _heads("a path is not decoded", 'unquote(path) if "%" in path else path', "path"),
    _heads("a fragment is part of a path", "if _HASH in target or not", "if not"),
    _heads("requests share their state", "self._state.copy()", "self._state"),
    _heads("a line feed ends a line", " or _BARE_END.search(head)", ""),
    _heads(
        "HTTP/1.0 is told to continue", "self.expects_continue = is_current and ", "self.expects_continue = "
    ),
    # Bodies.
    _framing(
        "a line of a chunk has no limit",
        "data.find(_END, at, at + CHUNK_LINE_BYTES + 2)",
        "data.find(_END, at)",
    ),
    _framing("the size of a chunk may have 64 bits and more", "{1,15}", "{1,17}"),
    _framing("trailers have no limit", "self._trailers > TRAILER_BYTES or ", ""),
    _framing("any line is a trailer", " or not _TRAILER.fullmatch(line)", ""),
    _framing(
        "a chunk may be longer than its size",
        "        if line:\n            raise",
        '        if line == b"?":\n            raise',
    ),
    _framing("what follows a body is lost", "return data[len(own) :]", 'return b""'),
    _exchange("a body waits without a bound", "return len(self._body) > BUFFERED_BYTES", "return False"),
    _exchange(
        "100 Continue is never sent",
        "                if self.expects_continue:\n",
        "                if False:\n",
    ),
    _connection(
        "100 Continue is sent to who does not wait",
        "head.expects_continue and not rest",
        "head.expects_continue",
    ),
    # Responses.
    _exchange(
        "a response to HEAD has a body",
        'if status in _BODILESS or self.scope["method"] == "HEAD":',
        "if status in _BODILESS:",
    ),
    _exchange("a 304 has a body", "frozenset({204, 304})", "frozenset({204})"),
    _exchange(
        "a response may be too long",
        "(self._left < 0 or (is_end and self._left))",
        "(is_end and self._left > 0)",
    ),
    _exchange("a response may be too short", "(self._left < 0 or (is_end and self._left))", "self._left < 0"),
    _exchange("HTTP/1.0 gets chunks", 'elif self.scope["http_version"] == "1.1":', "elif not is_end:"),
    _exchange(
        "the last chunk is missing", '_chunk(body) + b"0\\r\\n\\r\\n" if is_end', "_chunk(body) if is_end"
    ),
    _exchange(
        "a response that breaks off is followed by another",
        "        if self.is_begun:\n            self._channel.abort()",
        "        if self.gone:\n            self._channel.abort()",
    ),
    _exchange(
        "an application does not wait for its reader",
        "        if self._channel.write_paused:\n",
        "        if False:\n",
    ),
    _exchange("who has left is still there", "        self.gone = True\n", "        self.gone = False\n"),
    _responses(
        "a header may have a line feed", "value.translate(None, _CONTROLS) != value", 'b"\\0" in value'
    ),
    _responses("every value of a header is kept", "self._values[name] < _VALUES and ", ""),
    _responses(
        "an application sets Transfer-Encoding",
        'b"connection", b"transfer-encoding", b"content-length"',
        'b"connection", b"content-length"',
    ),
    # Deadlines.
    _connection(
        "a silent connection has no deadline",
        "        self._set_deadline(self._wire.limits.head_timeout)\n        if not",
        "        if not",
    ),
    _connection(
        "each byte of a head gives it more time",
        "elif not (is_begun or self._is_fresh",
        "elif not (self._is_fresh",
    ),
    _connection(
        "each byte of a body gives it more time",
        "min(limit, self._body_budget -",
        "max(limit, self._body_budget -",
    ),
    _connection(
        "a kept connection has no deadline",
        "            self._set_deadline(limits.idle_timeout if self._body is None else limits.body_timeout)",
        "            pass",
    ),
    _connection(
        "who does not read is never cut",
        "self._unread - unread < SLOWEST * timeout",
        "self._unread < 0",
    ),
    _connection(
        "the body of a kept connection has no deadline",
        "            self.deadline = self._waiting_since + self._body_budget",
        "            pass",
    ),
    _sweep(
        "deadlines are met once",
        "        if self.connections:\n            self._schedule()",
        "        if not self.connections:\n            self._schedule()",
    ),
    # Requests in turn.
    _connection(
        "requests in one piece are answered at once",
        "if self._exchange is None and self._body is None and data:",
        "if self._body is None and data:",
    ),
    _connection("requests that wait are lost", "            self._take(held)\n", ""),
    _connection(
        "reading goes on whatever waits",
        "        if len(data) > BUFFERED_BYTES:\n            self._pause_reading()",
        "        pass",
    ),
    _connection(
        "a connection is kept after any rest of a body",
        "            and body.missing <= BUFFERED_BYTES\n",
        "",
    ),
    _connection(
        "a connection is kept though the client waits for 100",
        "            and not exchange.expects_continue\n",
        "",
    ),
    _connection("a rejection is not logged", "        self._wire.report(refusal)\n", ""),
    _connection(
        "a rejected body resets the connection",
        "            self._transport.write_eof()",
        "            self._transport.abort()",
    ),
    _connection(
        "a rejected connection reads on for ever", "self._ignored > LINGER_BYTES", "self._ignored < 0"
    ),
    _sizes(
        "a head may be four times as long", "if len(data) >= HEAD_BYTES:", "if len(data) >= 4 * HEAD_BYTES:"
    ),
    # Crowds.
    _limits("one client may have all connections", "or max(everything // 2, 1)", "or everything"),
    _limits("no file is kept for anything else", "max(files - RESERVED_FILES, files // 2)", "files"),
    _crowd(
        "one connection more than there may be",
        "self._admitted >= self._most\n",
        "self._admitted > self._most\n",
    ),
    _crowd("one client has one connection more", ">= self._most_of_one:", "> self._most_of_one:"),
    _crowd("connections are never counted down", "self._admitted -= 1", "self._admitted -= 0"),
    _crowd(
        "connections of a client are never counted down",
        "self._clients[connection.client] -= 1",
        "self._clients[connection.client] -= 0",
    ),
    _crowd(
        "the newest connection makes room",
        "next((each for each in self.waiting if",
        "next((each for each in reversed(self.waiting) if",
    ),
    _crowd(
        "any number of connections closes slowly", "len(self._closing) > CLOSING_FILES", "not self._closing"
    ),
    # The end.
    _draining(
        "a kept connection stays while the server stops",
        "            self._exchange.keep_alive = False\n        elif not self._closing:\n",
        "            pass\n        elif not self._closing:\n",
    ),
    _draining(
        "an idle connection stays while the server stops",
        "self.deadline = min(self.deadline, self._loop.time() + DRAIN_SECONDS)",
        "pass",
    ),
    _workers("the first process keeps its socket", "        self._listener.close()\n", ""),
    # Transactions and connections.
    _db("a lock is waited for ten seconds", "lock_timeout = '1s'", "lock_timeout = '10s'"),
    _db(
        "a second connection is taken while one is held",
        """if self._connection is not None:
            raise RuntimeError("what must""",
        """if self._kept:
            raise RuntimeError("what must""",
    ),
    _db(
        "a transaction does not check its condition",
        'if guard is not None and tag != "SELECT 1":',
        "if guard is not None and not tag:",
    ),
    _db(
        "a connection of an unknown state is given back",
        "if not is_sound or connection.is_closed():",
        "if connection.is_closed():",
    ),
    _db("a work that failed is reported as done", "if not stores or self._failed:", "if not stores:"),
    _connections("writers may have every connection", "max(1, size - max(1, size // 4))", "size"),
    _connections(
        "a lost connection keeps its turn to write",
        "        self._stop_writing(connection)\n        connection.terminate()",
        "        connection.terminate()",
    ),
    _connections("a read-only primary is a bug", "    asyncpg.ReadOnlySQLTransactionError,\n", ""),
    _connections("a full disk is a bug", "    asyncpg.InsufficientResourcesError,\n", ""),
    _post_queries(
        "a new post waits for locks",
        '"lock_timeout", "1s", true()) == "1s"',
        '"lock_timeout", "9s", true()) == "9s"',
    ),
    _revisions(
        "a migration waits for locks as long as a statement", "lock_timeout = '2s'", "lock_timeout = '9s'"
    ),
    # Work that is done once.
    _answers(
        "a response that the contract no longer has is sent",
        "            response.model.model_validate_json(body, strict=True)",
        "            pass",
    ),
    _answers("a repeated response is not marked", ' | {"idempotency_replayed": "true"}', ""),
    _answers(
        "a caller who has changed gets the old response", "            await context.check_caller()\n", ""
    ),
    _answers(
        "both of two simultaneous requests are stored",
        "            await context.rollback()\n            return cast(R, earlier)",
        "            return cast(R, earlier)",
    ),
    _outbox("two workers take one job", '.with_for_update(skip_locked=True)\n    .cte("due")', '.cte("due")'),
    _outbox(
        "a job that kills its worker is tried for ever",
        "Job.dead_at: case((_EXHAUSTED, func.now())),",
        "Job.dead_at: null(),",
    ),
    _outbox(
        "a released job has lost an attempt",
        "RELEASE: Statement[Any] = Statement(_settling(run_at=func.now(), attempts=col(Job.attempts) - 1))",
        "RELEASE: Statement[Any] = Statement(_settling(run_at=func.now(), attempts=col(Job.attempts)))",
    ),
]
