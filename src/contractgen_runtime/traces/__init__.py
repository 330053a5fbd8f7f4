"""Traces of a service by OpenTelemetry: a span for each request, and for each statement in it.

Needs the extra `traces` of contractgen-runtime; a service imports it only where traces are switched on.
"""
