"""Pressroom's settings: what every service has, and its own."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from contractgen_runtime.postgres.addresses import DatabaseUrl
from contractgen_runtime.service.settings import ServiceSettings, Url, load

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
    def link_base(self) -> str:
        """What every link in a mail begins with; never anything that a request said."""
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
