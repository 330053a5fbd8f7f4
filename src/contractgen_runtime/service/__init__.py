"""What surrounds the routes of a service: the edge, CORS, problems, documentation, the log and the server.

Needs the extra `service` of contractgen-runtime; the core imports none of it.
"""
