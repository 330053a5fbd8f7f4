"""The frame of a service's settings: read once from the environment and `.env`, checked, then frozen.

A service subclasses `ServiceSettings`, and calls `load` with its class.
"""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    SettingsConfigDict,
)

from .kept_secrets import SettingsError, fault_of, kept_secrets
from .log import Format, Level
from .wire.limits import Limits

__all__ = ["DEVELOPMENT_URL", "CommaSeparated", "ServiceSettings", "SettingsError", "Url", "load"]

DEVELOPMENT_URL = "http://localhost:8000"
# Values of DEBUG that many programs share.
_OFF = {"", "0", "false", "no", "off"}

_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]|\*")
_ORIGIN = re.compile(r"https?://[a-z0-9.\-\[\]:]+")


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        raise ValueError("must be an address such as https://api.example.com")
    return url.rstrip("/")


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
#: An address without a trailing slash, or nothing.
Url = Annotated[str, AfterValidator(_check_url)]


class ServiceSettings(BaseSettings):
    """The settings of every service. A subclass sets `env_prefix` in its `model_config`, and these names."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    #: Names the service's folder among those of other programs.
    service: ClassVar[str] = "service"
    #: The settings that are secrets: at least 32 bytes each, all different, made and kept in development.
    secret_names: ClassVar[tuple[str, ...]] = ()
    #: What is kept beside them in development and is no setting.
    kept_names: ClassVar[tuple[str, ...]] = ()
    #: What development fills in where nothing is given.
    development: ClassVar[Mapping[str, object]] = {
        # Where the development servers of web applications listen by default.
        "cors_origins": "http://localhost:3000,http://localhost:5173",
        "allowed_hosts": "localhost,127.0.0.1,testserver",
        "public_url": DEVELOPMENT_URL,
        "log_format": "text",
        "public_pages": True,
    }
    #: What production refuses to lack.
    required: ClassVar[tuple[str, ...]] = ("allowed_hosts", "public_url")

    environment: Literal["production", "development"] = "production"
    cors_origins: CommaSeparated = ()
    #: Host names without a port; `*.example.com` stands for every name below it.
    allowed_hosts: CommaSeparated = ()
    public_url: Url = ""
    #: Whether everybody may read the contract (`/openapi.yaml`), and the pages `/`, `/docs` and `/redoc`.
    public_contract: bool = True
    public_pages: bool = False
    log_format: Format = "json"
    #: The lowest level that the log has; the lines of requests are of the level info.
    log_level: Level = "info"
    #: Connections of one server process, and of one client's address: 0 is as many as the limit of open files
    #: allows, and half of those.
    max_connections: int = Field(default=0, ge=0, le=1_000_000)
    max_connections_per_client: int = Field(default=0, ge=0, le=1_000_000)
    #: Seconds: for the head of a request, for a body to arrive or a response to be read on, between requests.
    head_timeout: float = Field(default=10, ge=0.1, le=600)
    #: Generated code waits for a body for ten seconds itself: a longer time would promise what nobody keeps.
    body_timeout: float = Field(default=10, ge=0.1, le=10)
    write_timeout: float = Field(default=10, ge=0.1, le=600)
    idle_timeout: float = Field(default=15, ge=0.1, le=600)
    #: Where Prometheus reads the metrics of all server processes; 0 switches them off.
    metrics_port: int = Field(default=0, ge=0, le=65_535)
    metrics_host: str = "127.0.0.1"
    #: Whether requests and statements are traced; the variables OTEL_* say where to and how.
    traces: bool = False
    #: The commit that was built, for `/version`.
    revision: str = ""
    #: A folder of the service's own below the system's or the user's state folder, unless set.
    state_dir: Path = Path()

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @property
    def connection_limits(self) -> Limits:
        return Limits(
            head_timeout=self.head_timeout,
            body_timeout=self.body_timeout,
            write_timeout=self.write_timeout,
            idle_timeout=self.idle_timeout,
            connections=self.max_connections,
            connections_per_client=self.max_connections_per_client,
        )

    @classmethod
    def variable(cls, name: str) -> str:
        """Return the environment variable of a setting."""
        field = cls.model_fields.get(name)
        alias = field.validation_alias if field else name
        return alias if isinstance(alias, str) else f"{cls.model_config['env_prefix']}{name}".upper()

    def kept(self, name: str) -> SecretStr:
        """Return one of the values that development keeps."""
        return SecretStr(self._kept(self.state_dir)[name])

    def refused_in_production(self) -> Iterator[tuple[str, str]]:
        """Yield the settings that production refuses, each with the reason; subclasses add theirs."""
        yield from ((name, "is not set") for name in self.required if not getattr(self, name))
        for name in ("allowed_hosts", "cors_origins"):
            if "*" in getattr(self, name):
                yield name, "* is for development only"

    @classmethod
    def _kept(cls, state_dir: Path) -> dict[str, str]:
        return kept_secrets(state_dir, (*cls.secret_names, *cls.kept_names))

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        filled: dict[str, Any] = {"state_dir": _state_folder() / cls.service}
        if given.get("environment") == "development":
            filled |= cls.development
            if not all(given.get(name) for name in cls.secret_names):
                kept = cls._kept(Path(given.get("state_dir") or filled["state_dir"]))
                filled |= {name: kept[name] for name in cls.secret_names}
            given = {name: value for name, value in given.items() if value not in ("", None)}
        return filled | given

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        origins = tuple(origin.lower() for origin in origins)
        if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins):
            raise ValueError("must be origins such as https://app.example.com, separated by commas")
        return origins

    @field_validator("allowed_hosts")
    @classmethod
    def _check_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        hosts = tuple(host.lower() for host in hosts)
        if not all(_HOST.fullmatch(host) for host in hosts):
            raise ValueError("must be host names without a port, separated by commas")
        return hosts

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        refused = [*self._refused_secrets(), *([] if self.is_development else self.refused_in_production())]
        reasons = [f"{self.variable(name)}: {reason}" for name, reason in refused]
        if not self.is_development and os.environ.get("DEBUG", "").lower() not in _OFF:
            reasons.append("DEBUG: is for development only")
        if reasons:
            raise ValueError("; ".join(reasons))
        return self

    def _refused_secrets(self) -> Iterator[tuple[str, str]]:
        values = {name: getattr(self, name).get_secret_value() for name in self.secret_names}
        for name, value in values.items():
            if reason := fault_of(value, may_be_guessable=self.is_development):
                yield name, reason
        for one, other in combinations(values, 2):
            if values[one] and values[one] == values[other]:
                yield other, f"must differ from {self.variable(one)}"


SettingsT = TypeVar("SettingsT", bound=ServiceSettings)


def load(settings: type[SettingsT]) -> SettingsT:
    """Return the settings of this process; SettingsError says in one line everything that is wrong."""
    try:
        if unknown := list(_unknown(settings)):
            raise SettingsError("; ".join(unknown))
        return settings()
    except ValidationError as error:
        faults = (_fault(settings, dict(detail)) for detail in error.errors(include_input=False))
        raise SettingsError("; ".join(faults)) from None
    except OSError as error:
        raise SettingsError(f"{settings.variable('state_dir')}: cannot be used: {error.strerror}") from None


def _unknown(settings: type[ServiceSettings]) -> Iterator[str]:
    """Yield what is said of variables that have the service's prefix and are no settings: misspelt ones."""
    prefix = settings.model_config["env_prefix"]
    if not prefix:  # any variable of the environment could be meant
        return
    known = {settings.variable(name) for name in settings.model_fields}
    given = {*EnvSettingsSource(settings).env_vars, *DotEnvSettingsSource(settings).env_vars}
    for name in sorted({each.upper() for each in given} - known):
        if name.startswith(prefix):
            like = get_close_matches(name, known, n=1, cutoff=0.8)
            yield f"{name}: there is no such setting" + (f"; is it {like[0]}?" if like else "")


def _fault(settings: type[ServiceSettings], detail: dict[str, Any]) -> str:
    message = str(detail["msg"]).removeprefix("Value error, ")
    return f"{settings.variable(str(detail['loc'][0]))}: {message}" if detail["loc"] else message


def _state_folder() -> Path:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib")
    base = os.environ.get("XDG_STATE_HOME")
    return Path(base) if base else Path.home() / ".local" / "state"
