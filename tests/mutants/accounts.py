"""Mutants of what guards accounts: authorization, tokens, keys, passwords, limits, and storing work once."""

from tests.mutants.mutant import Mutant, of

_answers = of("pressroom/idempotency/answers", "web/test_idempotency")
_audit_queries = of("pressroom/audit/queries", "security/test_failed_logins")
_auth_handlers = of("pressroom/auth/handlers", "security/test_failed_logins", "security/test_key_rotation")
_auth_queries = of("pressroom/auth/queries", "security/test_deeds")
_context = of("pressroom/context", "security/test_deeds")
_db = of(
    "contractgen_runtime/postgres/db",
    "contractgen_runtime/postgres/test_guard",
    "contractgen_runtime/postgres/test_gathering",
    "contractgen_runtime/postgres/test_unit_of_work",
)
_data_loader = of(
    "contractgen_runtime/postgres/data_loader",
    "contractgen_runtime/postgres/test_data_loader",
    "contractgen_runtime/postgres/test_gathering",
)
_host = of("pressroom/host", "operations/test_get_me")
_limits = of("pressroom/limits", "web/test_rate_limits", "queries/test_limits")
_outbox = of("pressroom/outbox", "jobs/test_outbox", "jobs/test_worker")
_password_rules = of("pressroom/password_rules", "rules/test_password_rules")
_posts = of("pressroom/posts/queries", "queries/test_gathered_posts")
_passwords = of("pressroom/passwords", "rules/test_passwords", "security/test_passwords")
_refresh_tokens = of("pressroom/refresh_tokens", "rules/test_tokens", "security/test_key_rotation")
_tokens = of("pressroom/tokens", "rules/test_tokens", "security/test_key_rotation")

ACCOUNTS: list[Mutant] = [
    # The caller, at the moment of the deed.
    _context("a caller who has changed still writes", "if self.caller is None:", "if self.scope:"),
    _context(
        "an attempt of a caller who has changed is counted",
        "        await self.check_caller()\n        return await",
        "        return await",
    ),
    _context(
        "who ends sessions takes no turns",
        'self._turns = "admins" if among_admins else "account"',
        'self._turns = "none"',
    ),
    _context(
        "admins take no turns",
        '"admins" if among_admins else "account"',
        '"account"',
    ),
    _auth_queries("a writing caller is not locked", ".with_for_update(read=True, of=[User, Session])", ""),
    _auth_queries("the session of a writing caller is not locked", "of=[User, Session]", "of=[User]"),
    _auth_queries(
        "a caller with another role still writes",
        "col(User.role) == role,",
        "role.is_not(None),",
    ),
    _db(
        "what is written once is not guarded",
        "if guard is not None and statement.guarded is not None:",
        "if guard is not None and statement.names == ():",
    ),
    _posts("a new post waits for another's locks", ", skip_locked=True", ""),
    _db("what another could not store is not stored", "except asyncpg.PostgresError:", "except LookupError:"),
    _db("rows are given to the next", "range(count + 1)", "range(1, count + 2)"),
    _db(
        "what cannot be gathered is read for one",
        "(parameters and statement.gathered is None)",
        "parameters is None",
    ),
    _data_loader("callers share what they may change", "if place and value is not None", "if place > 9"),
    _data_loader("a batch has no bound", "[start : start + self._max_batch_size]", "[start:]"),
    _host("a token may name another account", ' or user["id"] != verified.user_id', ""),
    # Tokens and keys.
    _tokens("a key verifies any algorithm", '_expect(header["alg"] == key.algorithm)', "pass"),
    _tokens("a token of any type is one", ' and header["typ"] == TYPE', ""),
    _tokens("unknown headers are ignored", "header.keys() == _HEADER", "header.keys() >= _HEADER"),
    _tokens("unknown claims are ignored", "claims.keys() == _CLAIMS", "claims.keys() >= _CLAIMS"),
    _tokens("a property twice is taken", "_expect(len(dict(pairs)) == len(pairs))", "_expect(True)"),
    _tokens("times may be fractions", 'type(claims["iat"]) is type(claims["exp"]) is int', "True"),
    _tokens("an expired token lives a minute longer", "LEEWAY = 5", "LEEWAY = 60"),
    _tokens("a remembered token never expires", " and known.usable_until > time()", ""),
    _tokens("other keys are not accepted", "(self._key, *accepted_keys(settings))", "(self._key,)"),
    _refresh_tokens(
        "digests of refresh tokens have no key",
        'derived(secrets, b"refresh digest")',
        'derived([b""] * len(secrets), b"refresh digest")',
    ),
    _auth_handlers(
        "a repeated refresh follows the secret of its worker",
        'else presented["next_digest"]',
        "else next(iter(following))",
    ),
    # Passwords.
    _passwords("a cheap hash is cheap to check", "in range(known, cost):", "in range(known, known):"),
    _passwords("an unknown account costs nothing", "        _spend(digest, cost)\n", ""),
    _passwords("stored passwords are never renewed", "return cost_of(stored) != self._cost", "return False"),
    _password_rules("a password may be the local part", "(SERVICE, address, local)", "(SERVICE, address)"),
    _auth_handlers(
        "failed log-ins are not told",
        'await context.record_failed_login(email, user and user["id"])',
        "pass",
    ),
    _audit_queries("failed log-ins fill the trail", "            ~_is_told,", "           "),
    # Limits, jobs, transactions, idempotency.
    _limits(
        "one attempt too few is allowed",
        'row["attempts"] > quota["quota"] * self._scale',
        'row["attempts"] >= quota["quota"] * self._scale',
    ),
    _limits(
        "nothing is forgiven", "attempts=col(RateLimit.attempts) - 1", "attempts=col(RateLimit.attempts)"
    ),
    _outbox(
        "whoever lost a job still completes it",
        'delete(Job).where(col(Job.id) == bindparam("job_id"), col(Job.claim) == bindparam("held"))',
        'delete(Job).where(col(Job.id) == bindparam("job_id"), bindparam("held", type_=Uuid).is_not(None))',
    ),
    _db("a COMMIT that rolled back is a success", 'if tag != "COMMIT":', "if not tag:"),
    _db("refusals are stored", "stores = status < 400 or self._kept", "stores = True"),
    _answers(
        "keys of callers meet", '"caller_id": caller.id if caller else ANONYMOUS,', '"caller_id": ANONYMOUS,'
    ),
    _answers(
        "a key gives its answer to any request", 'if stored["fingerprint"] not in fingerprints:', "if False:"
    ),
]
