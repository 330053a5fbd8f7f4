"""The keys of access tokens, and the secrets that other keys are derived from: the current one, and others.

While a key is replaced, processes of before and after serve side by side, and clients have tokens of both.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

if TYPE_CHECKING:  # which reads key files by this module
    from pressroom.settings import Settings


@dataclass(frozen=True, slots=True)
class Key:
    """A key of one algorithm: `sign` a message, or nothing if only the public half is known."""

    id: str
    algorithm: str
    sign: Callable[[bytes], bytes] | None
    #: Of a signature and its message.
    is_signature: Callable[[bytes, bytes], bool]


def signing_key(settings: "Settings") -> Key:
    """Return the key that new tokens are signed with: that of the file if there is one, else the secret."""
    path = settings.token_key_file
    return key_from_secret(secrets_of(settings)[0]) if path is None else key_from_file(path)


def accepted_keys(settings: "Settings") -> Iterator[Key]:
    """Yield the keys whose tokens are accepted beside those of the signing key."""
    yield from map(key_from_secret, map(_encoded, settings.accepted_token_secrets))
    yield from (key_from_file(path) for path in settings.accepted_token_key_files)


def secrets_of(settings: "Settings") -> list[bytes]:
    """Return the current token secret and the others that are accepted."""
    every = [settings.token_secret, *settings.accepted_token_secrets]
    return list(dict.fromkeys(map(_encoded, every)))


def derived(secrets: Sequence[bytes], purpose: bytes) -> list[bytes]:
    """Return a key for one purpose from each of the secrets."""
    return [hashlib.blake2b(secret, person=purpose).digest() for secret in secrets]


def key_from_file(path: Path) -> Key:
    """Return the Ed25519 key of a PEM file, private or public; ValueError if there is none."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415 - slow to import, and needed by few
    from cryptography.hazmat.primitives import serialization as pem  # noqa: PLC0415 - the same
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - the same

    text = path.read_bytes()
    private: Any = None
    try:
        if b"PRIVATE KEY" in text:
            private = pem.load_pem_private_key(text, None)
        public = private.public_key() if private else pem.load_pem_public_key(text)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from None
    if not isinstance(public, ed25519.Ed25519PublicKey):
        raise ValueError("not a key of Ed25519")  # noqa: TRY004 - the file has the wrong content

    def is_signature(signature: bytes, message: bytes) -> bool:
        try:
            public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return Key(_id(public.public_bytes_raw()), "EdDSA", private.sign if private else None, is_signature)


def key_from_secret(secret: bytes) -> Key:
    """Return the key of an HMAC with SHA-256."""

    def sign(message: bytes) -> bytes:
        return hmac.digest(secret, message, "sha256")

    def is_signature(signature: bytes, message: bytes) -> bool:
        return hmac.compare_digest(signature, sign(message))

    return Key(_id(secret), "HS256", sign, is_signature)


def _id(material: bytes) -> str:
    """Return what tokens name the key by: the same in every process, and nothing of the key itself."""
    digest = hashlib.blake2b(material, person=b"key id", digest_size=12).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def _encoded(secret: SecretStr) -> bytes:
    return secret.get_secret_value().encode("utf-8", "surrogateescape")
