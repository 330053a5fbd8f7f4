"""Liveness and readiness of the process."""

from pressroom.context import Context
from pressroom.health.queries import ping
from pressroom_api import responses


async def livez(context: Context, /) -> responses.Livez200:
    return responses.Livez200({"status": "ok"})


async def readyz(context: Context, /) -> responses.Readyz200:
    await ping(context)
    return responses.Readyz200({"status": "ok"})
