"""Who sends a request: the credentials that it carries."""

from .problems import Refusal
from .requests import Request

_CHALLENGE = b"www-authenticate"


def has_credentials(request: Request) -> bool:
    """Whether the request says who sends it."""
    return b"authorization" in request.headers


def bearer_token(request: Request) -> str:
    """The token of `Authorization: Bearer`; 401 when there is none, or more than one."""
    scheme, _, token = request.headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"bearer" or not token:
        raise unauthorized(b"Bearer")
    if len(request.headers) != len(request.scope["headers"]) and request.count(b"authorization") > 1:
        raise unauthorized(b"Bearer")
    return token.decode("latin-1")


def unauthorized(challenge: bytes) -> Refusal:
    """401, with the challenge that RFC 9110 asks for."""
    return Refusal(401, "This operation needs a valid access token.", [(_CHALLENGE, challenge)])
