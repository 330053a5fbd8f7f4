"""Metrics of a service: what its processes count, and the port where Prometheus reads it.

Counting needs nothing; the port (`exporter`) needs the extra `metrics` of contractgen-runtime.
"""
