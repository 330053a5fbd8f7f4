"""The service: handlers, rules and queries behind the routes of `pressroom_api`."""

__version__ = "0.3.0"
