"""The frame of settings, with those of a service that is not ours."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from contractgen_runtime.service.settings import CommaSeparated, ServiceSettings, SettingsError, Url, load

SECRET = "kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue"
PRODUCTION = {
    "SHOP_SIGNING_SECRET": SECRET,
    "SHOP_COOKIE_SECRET": SECRET[::-1],
    "SHOP_ALLOWED_HOSTS": "API.example.com, *.example.org",
    "SHOP_PUBLIC_URL": "https://api.example.com/",
    "WAREHOUSE_URL": "https://warehouse.example.com",
}


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    service: ClassVar[str] = "shop"
    secret_names: ClassVar[tuple[str, ...]] = ("signing_secret", "cookie_secret")
    required: ClassVar[tuple[str, ...]] = (*ServiceSettings.required, "warehouse_url")

    signing_secret: SecretStr = SecretStr("")
    cookie_secret: SecretStr = SecretStr("")
    warehouse_url: Url = Field(default="", validation_alias="WAREHOUSE_URL")
    currencies: CommaSeparated = ("EUR",)
    page_size: int = Field(default=20, ge=1)

    def refused_in_production(self) -> Iterator[tuple[str, str]]:
        yield from super().refused_in_production()
        if self.page_size > 100:
            yield "page_size", "must be at most 100"


class Bare(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="BARE_")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("SHOP_", "BARE_", "WAREHOUSE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def loaded(monkeypatch: pytest.MonkeyPatch, **changed: str) -> Settings:
    for name, value in (PRODUCTION | changed).items():
        monkeypatch.setenv(name, value)
    return load(Settings)


def test_production_reads_lists_and_lowers_hosts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, SHOP_CURRENCIES="EUR, USD,", SHOP_CORS_ORIGINS="https://App.example.com")
    assert settings.environment == "production"
    assert settings.allowed_hosts == ("api.example.com", "*.example.org")
    assert settings.cors_origins == ("https://app.example.com",)
    assert settings.currencies == ("EUR", "USD")
    assert settings.public_url == "https://api.example.com"
    assert SECRET not in repr(settings)
    with pytest.raises(ValidationError, match="frozen"):
        settings.page_size = 3


def test_everything_missing_is_named_in_one_line() -> None:
    with pytest.raises(SettingsError) as refusal:
        load(Settings)
    assert str(refusal.value).split("; ") == [
        "SHOP_SIGNING_SECRET: is not set",
        "SHOP_COOKIE_SECRET: is not set",
        "SHOP_ALLOWED_HOSTS: is not set",
        "SHOP_PUBLIC_URL: is not set",
        "WAREHOUSE_URL: is not set",
    ]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SHOP_SIGNING_SECRET", "short", "must have at least 32 bytes"),
        ("SHOP_SIGNING_SECRET", "please-change-me-before-you-go-live!", "is a placeholder or can be guessed"),
        ("SHOP_COOKIE_SECRET", SECRET, "must differ from SHOP_SIGNING_SECRET"),
        ("SHOP_ALLOWED_HOSTS", "*", "* is for development only"),
        ("SHOP_ALLOWED_HOSTS", "host:80", "must be host names without a port"),
        ("SHOP_CORS_ORIGINS", "*", "* is for development only"),
        ("SHOP_CORS_ORIGINS", "app.example.com", "must be origins such as"),
        ("SHOP_PUBLIC_URL", "canary", "must be an address such as"),
        ("WAREHOUSE_URL", "canary", "must be an address such as"),
        ("SHOP_PAGE_SIZE", "0", "Input should be greater"),
        ("SHOP_PAGE_SIZE", "101", "must be at most 100"),
        ("SHOP_ENVIRONMENT", "canary", "Input should be 'production' or 'development'"),
    ],
)
def test_a_refusal_names_the_variable_and_never_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        loaded(monkeypatch, **{name: value})
    assert str(refusal.value).startswith(f"{name}: {reason}")
    assert "canary" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_development_fills_in_and_keeps_its_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOP_ENVIRONMENT", "development")
    monkeypatch.setenv("SHOP_STATE_DIR", str(tmp_path / "state"))
    first, second = load(Settings), load(Settings)
    assert first == second
    assert len({first.signing_secret, first.cookie_secret}) == 2
    assert len(first.signing_secret.get_secret_value()) >= 32
    assert first.kept("signing_secret") == first.signing_secret
    assert first.allowed_hosts == ("localhost", "127.0.0.1", "testserver")
    monkeypatch.setenv("SHOP_SIGNING_SECRET", SECRET)
    assert load(Settings).signing_secret.get_secret_value() == SECRET
    assert load(Settings).cookie_secret == first.cookie_secret


def test_a_secret_that_was_added_since_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOP_ENVIRONMENT", "development")
    monkeypatch.setenv("SHOP_STATE_DIR", str(tmp_path))
    (tmp_path / "secrets.json").write_text('{"signing_secret": "x"}')
    with pytest.raises(SettingsError, match=r"secrets\.json: lacks cookie_secret; delete it"):
        load(Settings)


def test_a_state_folder_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SHOP_ENVIRONMENT", "development")
    monkeypatch.setenv("SHOP_STATE_DIR", str(tmp_path / "file" / "state"))
    with pytest.raises(SettingsError, match=r"^SHOP_STATE_DIR: cannot be used: "):
        load(Settings)


def test_a_service_without_secrets_keeps_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BARE_ENVIRONMENT", "development")
    monkeypatch.setenv("BARE_STATE_DIR", str(tmp_path / "state"))
    assert load(Bare).is_development
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("user", "base", "folder"),
    [(0, "", "/var/lib/shop"), (1000, "", "/homes/ada/.local/state/shop"), (1000, "/state", "/state/shop")],
)
def test_the_state_folder_has_the_name_of_the_service(
    monkeypatch: pytest.MonkeyPatch, user: int, base: str, folder: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setenv("HOME", "/homes/ada")
    monkeypatch.setenv("XDG_STATE_HOME", base)
    assert str(loaded(monkeypatch).state_dir) == folder
