"""The service's settings: read once from the environment and `.env`, checked together, then frozen."""

import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEVELOPMENT_URL = "http://localhost:8000"

CommaSeparated = Annotated[tuple[str, ...], NoDecode]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode]

_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]|\*")
_ORIGIN = re.compile(r"https?://[a-z0-9.\-\[\]:]+")
_PLACEHOLDER = re.compile(r"change.?(this|me|it)|replace.?(this|me|it)|placeholder|insecure", re.IGNORECASE)
_KEPT = {"token_secret", "password_pepper", "admin_password"}


class SettingsError(Exception):
    """What is wrong with the settings, in one line: names of variables, never a value."""


def _default_state_dir() -> Path:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/pressroom")
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "pressroom"


class Settings(BaseSettings):
    """All of them; each is `PRESSROOM_<NAME>` in the environment, but for `DATABASE_URL`."""

    model_config = SettingsConfigDict(
        env_prefix="PRESSROOM_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    environment: Literal["production", "development"] = "production"
    #: postgresql://..., or empty in development for the embedded server.
    database_url: str = Field(default="", validation_alias="DATABASE_URL", repr=False)
    token_secret: SecretStr = SecretStr("")
    password_pepper: SecretStr = SecretStr("")
    cors_origins: CommaSeparated = ()
    #: Host names without a port; `*.example.com` stands for every name below it.
    allowed_hosts: CommaSeparated = ()
    public_url: str = ""
    #: Where the pages are that mails link to; the public URL unless set.
    web_url: str = ""
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
    #: Whether a server process also sends the queued mail.
    mail_worker: bool = True
    state_dir: Path = Field(default_factory=_default_state_dir)

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

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
        return SecretStr(_kept_secrets(self.state_dir)["admin_password"])

    @model_validator(mode="before")
    @classmethod
    def _fill_in_development(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("environment") != "development":
            return given
        defaults: dict[str, Any] = {
            "cors_origins": "http://localhost:3000",
            "allowed_hosts": "localhost,127.0.0.1,testserver",
            "public_url": DEVELOPMENT_URL,
        }
        if not (given.get("token_secret") and given.get("password_pepper")):
            kept = _kept_secrets(Path(given.get("state_dir") or _default_state_dir()))
            defaults |= {name: kept[name] for name in ("token_secret", "password_pepper")}
        return defaults | {name: value for name, value in given.items() if value not in ("", None)}

    @field_validator("cors_origins", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _read_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError:
            raise ValueError("must be networks such as 10.0.0.0/8, separated by commas") from None

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins):
            raise ValueError("must be origins such as https://app.example.com, separated by commas")
        return origins

    @field_validator("allowed_hosts")
    @classmethod
    def _check_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_HOST.fullmatch(host) for host in hosts):
            raise ValueError("must be host names without a port, separated by commas")
        return hosts

    @field_validator("public_url", "web_url")
    @classmethod
    def _check_public_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (
            parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment
        ):
            raise ValueError("must be an address such as https://api.example.com")
        return url.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _check_smtp_url(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() and not _is_smtp_url(url.get_secret_value()):
            raise ValueError("must be an address such as smtp://user:password@mail.example.com:587")
        return url

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, url: str) -> str:
        if url and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        try:
            _ = urlsplit(url).port if "," not in url else None  # a comma separates several servers
        except ValueError:
            raise ValueError(
                "must be an address such as postgresql://user:password@host:5432/database"
            ) from None
        return url

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        complaints = [*self._about_secrets(), *([] if self.is_development else self._about_production())]
        if complaints:
            raise ValueError("; ".join(complaints))
        return self

    def _about_secrets(self) -> Iterator[str]:
        named = {
            "PRESSROOM_TOKEN_SECRET": self.token_secret,
            "PRESSROOM_PASSWORD_PEPPER": self.password_pepper,
        }
        for name, secret in named.items():
            value = secret.get_secret_value()
            if not value:
                yield f"{name}: is not set"
            elif len(value.encode("utf-8", "surrogateescape")) < 32:
                yield f"{name}: must have at least 32 bytes"
            elif not self.is_development and _is_guessable(value):
                yield f"{name}: is a placeholder or can be guessed; make a random one"
        if self.token_secret.get_secret_value() and self.token_secret == self.password_pepper:
            yield "PRESSROOM_PASSWORD_PEPPER: must differ from PRESSROOM_TOKEN_SECRET"

    def _about_production(self) -> Iterator[str]:
        required = {
            "DATABASE_URL": self.database_url,
            "PRESSROOM_ALLOWED_HOSTS": self.allowed_hosts,
            "PRESSROOM_PUBLIC_URL": self.public_url,
        }
        yield from (f"{name}: is not set" for name, value in required.items() if not value)
        if "*" in self.allowed_hosts:
            yield "PRESSROOM_ALLOWED_HOSTS: * is for development only"
        if "*" in self.cors_origins:
            yield "PRESSROOM_CORS_ORIGINS: * is for development only"
        if self.bcrypt_cost < 10:
            yield "PRESSROOM_BCRYPT_COST: must be at least 10"


def load_settings() -> Settings:
    """The settings of this process; SettingsError says in one line everything that is wrong with them."""
    try:
        return Settings()
    except ValidationError as error:
        complaints = "; ".join(_complaint(dict(detail)) for detail in error.errors(include_input=False))
        raise SettingsError(complaints) from None
    except OSError as error:
        raise SettingsError(f"PRESSROOM_STATE_DIR: cannot be used: {error.strerror}") from None


def _complaint(detail: dict[str, Any]) -> str:
    message = str(detail["msg"]).removeprefix("Value error, ")
    if not detail["loc"]:
        return message
    field = str(detail["loc"][0])
    return f"{field if field == 'DATABASE_URL' else 'PRESSROOM_' + field.upper()}: {message}"


def _is_smtp_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_server = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    rest = parts.path.strip("/") or parts.query or parts.fragment
    return parts.scheme in {"smtp", "smtps"} and has_server and not rest


def _is_guessable(secret: str) -> bool:
    repeated = secret in (secret + secret)[1:-1]
    return repeated or len(set(secret)) < 8 or _PLACEHOLDER.search(secret) is not None


def _kept_secrets(state_dir: Path) -> dict[str, str]:
    """The development secrets of this machine, made at the first call; safe among processes that race."""
    path = state_dir / "secrets.json"
    if not path.exists():
        _keep_new_secrets(path)
    try:
        kept = json.loads(path.read_text())
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or not kept.keys() >= _KEPT:
        raise SettingsError(f"{path}: is damaged; delete it to have new secrets made")
    return kept


def _keep_new_secrets(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump({name: secrets.token_urlsafe(36) for name in sorted(_KEPT)}, file)
            file.flush()
            os.fsync(file.fileno())
        # A link appears with its whole content and never replaces: of racing processes the first one wins.
        Path(path).hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
