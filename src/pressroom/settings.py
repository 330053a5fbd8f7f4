"""Pressroom's settings: what every service has, and its own."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from contractgen_runtime.postgres.addresses import DatabaseUrl
from contractgen_runtime.service.kept_secrets import fault_of
from contractgen_runtime.service.settings import ServiceSettings, Url, load
from contractgen_runtime.service.wire.limits import Limits
from pressroom.keys import key_from_file

Secrets = Annotated[tuple[SecretStr, ...], NoDecode]
Paths = Annotated[tuple[Path, ...], NoDecode]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode]


class Settings(ServiceSettings):
    """All of them; each is `PRESSROOM_<NAME>` in the environment, but for `DATABASE_URL`."""

    model_config = SettingsConfigDict(env_prefix="PRESSROOM_")
    service: ClassVar[str] = "pressroom"
    secret_names: ClassVar[tuple[str, ...]] = ("token_secret", "password_pepper")
    kept_names: ClassVar[tuple[str, ...]] = ("admin_password",)
    required: ClassVar[tuple[str, ...]] = ("database_url", *ServiceSettings.required)

    #: postgresql://..., or empty in development for the embedded server.
    database_url: DatabaseUrl = Field(default="", validation_alias="DATABASE_URL", repr=False)
    token_secret: SecretStr = SecretStr("")
    #: Other secrets whose tokens and sessions are accepted: the next before a change, the former after it.
    accepted_token_secrets: Secrets = ()
    #: A PEM file with a private key of Ed25519, which signs access tokens in place of the token secret.
    token_key_file: Path | None = None
    #: PEM files of other such keys, private or public, whose access tokens are accepted.
    accepted_token_key_files: Paths = ()
    password_pepper: SecretStr = SecretStr("")
    #: Where the pages are that mails link to; the public URL unless set.
    web_url: Url = ""
    #: Proxies whose X-Forwarded-For is believed.
    trusted_proxies: Networks = ()
    bcrypt_cost: int = Field(default=12, ge=4, le=16)
    #: How many passwords may wait to be hashed; beyond them the answer is 503.
    password_queue: int = Field(default=32, ge=1, le=1_000_000)
    #: Seconds.
    token_lifetime: int = Field(default=1800, ge=1, le=86_400)
    #: Seconds that a session lives without being refreshed, and at most.
    session_lifetime: int = Field(default=14 * 86_400, ge=60, le=365 * 86_400)
    session_longest_lifetime: int = Field(default=30 * 86_400, ge=60, le=365 * 86_400)
    #: Multiplies every quota of the rate limits; 0 switches them off.
    rate_limit_scale: int = Field(default=1, ge=0, le=1_000_000)
    #: Database connections of one server process.
    pool_size: int = Field(default=20, ge=1, le=1000)
    #: smtp://user:password@host:587 or smtps://host; empty for the mailbox folder.
    smtp_url: SecretStr = SecretStr("")
    #: Whether a request's line in the log says who called, and from which address.
    log_clients: bool = False
    #: Whether a server process also sends the queued mail.
    mail_worker: bool = True

    @property
    def connection_limits(self) -> Limits:
        limits = super().connection_limits
        if self.trusted_proxies and not self.max_connections_per_client:
            return replace(limits, connections_per_client=None)  # the address is a proxy's
        return limits

    @property
    def link_base(self) -> str:
        """The beginning of every link in a mail, which never depends on a request."""
        return self.web_url or self.public_url

    @property
    def mailbox_dir(self) -> Path:
        return self.state_dir / "mailbox"

    @property
    def development_admin_password(self) -> SecretStr:
        """The password of the account that `serve` makes in development; it is kept beside the secrets."""
        return self.kept("admin_password")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _read_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError:
            raise ValueError("must be networks such as 10.0.0.0/8, separated by commas") from None

    @field_validator("accepted_token_secrets", "accepted_token_key_files", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("accepted_token_secrets")
    @classmethod
    def _check_secrets(cls, secrets: tuple[SecretStr, ...], info: ValidationInfo) -> tuple[SecretStr, ...]:
        is_development = info.data.get("environment") == "development"
        for secret in secrets:
            if fault := fault_of(secret.get_secret_value(), may_be_guessable=is_development):
                raise ValueError(f"one of them {fault}")
        return secrets

    @field_validator("token_key_file", "accepted_token_key_files")
    @classmethod
    def _check_keys(cls, value: Path | tuple[Path, ...] | None, info: ValidationInfo) -> object:
        for path in value if isinstance(value, tuple) else filter(None, [value]):
            try:
                key = key_from_file(path)
            except (OSError, ValueError):
                raise ValueError(
                    f"{path}: is not a PEM file with a key of Ed25519 without a password"
                ) from None
            if key.sign is None and info.field_name == "token_key_file":
                raise ValueError(f"{path}: has no private key")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _check_smtp_url(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() and not _is_smtp_url(url.get_secret_value()):
            raise ValueError("must be an address such as smtp://user:password@mail.example.com:587")
        return url

    def refused_in_production(self) -> Iterator[tuple[str, str]]:
        yield from super().refused_in_production()
        if self.bcrypt_cost < 10:
            yield "bcrypt_cost", "must be at least 10"


def load_settings() -> Settings:
    """The settings of this process; SettingsError says in one line everything that is wrong with them."""
    return load(Settings)


def _is_smtp_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_server = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    rest = parts.path.strip("/") or parts.query or parts.fragment
    return parts.scheme in {"smtp", "smtps"} and has_server and not rest
