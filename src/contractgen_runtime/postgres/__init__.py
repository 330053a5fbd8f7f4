"""PostgreSQL for a service: connections, compiled statements, units of work, migrations, an embedded server.

Needs the extra `postgres` of contractgen-runtime; the core imports none of it.
"""
