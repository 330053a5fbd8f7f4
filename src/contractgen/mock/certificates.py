"""Client certificates for a mock that is served without TLS."""

from starlette.types import ASGIApp, Receive, Scope, Send


class ClientCertHeader:
    """Middleware that accepts the header `Client-Cert` (RFC 9440) in place of a client certificate.

    Any value is accepted, and becomes the subject of the certificate.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        subject = dict(scope.get("headers", ())).get(b"client-cert", b"").decode("latin-1")
        if subject:
            tls = {"client_cert_name": subject, "client_cert_chain": ()}
            scope = {**scope, "extensions": {**scope.get("extensions", {}), "tls": tls}}
        await self._app(scope, receive, send)
