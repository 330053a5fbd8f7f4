"""The surroundings of a service's routes: the edge, CORS, problems, documentation, the log and the server.

Needs the extra `service` of contractgen-runtime; the core imports none of it.
"""
