import json
import os
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from contractgen_runtime.bodies import _BODY_DEADLINE
from contractgen_runtime.service.settings import SettingsError
from pressroom.settings import Settings, load_settings

TOKEN_SECRET = "kT8vQ2mZr6Lw9XcB4nHs7Yd1Jf5Gp0Ra3Ue"
PEPPER = "Zx3Wq9Lk2Vn8Bt5Mj7Hc4Fs6Dg1Pa0Yr5Ui"
PRODUCTION = {
    "DATABASE_URL": "postgresql://app@db/pressroom",
    "PRESSROOM_TOKEN_SECRET": TOKEN_SECRET,
    "PRESSROOM_PASSWORD_PEPPER": PEPPER,
    "PRESSROOM_ALLOWED_HOSTS": "api.example.com, *.example.org",
    "PRESSROOM_PUBLIC_URL": "https://api.example.com/",
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("PRESSROOM_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # where no .env is


def production(monkeypatch: pytest.MonkeyPatch, **changed: str) -> Settings:
    for name, value in (PRODUCTION | changed).items():
        monkeypatch.setenv(name, value)
    return load_settings()


def development(monkeypatch: pytest.MonkeyPatch, state_dir: Path) -> Settings:
    monkeypatch.setenv("PRESSROOM_ENVIRONMENT", "development")
    monkeypatch.setenv("PRESSROOM_STATE_DIR", str(state_dir))
    return load_settings()


def test_production_is_the_default_and_takes_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = production(monkeypatch)
    assert not settings.is_development
    assert settings.allowed_hosts == ("api.example.com", "*.example.org")
    assert settings.cors_origins == ()
    assert settings.public_url == "https://api.example.com"
    assert settings.database_url == PRODUCTION["DATABASE_URL"]
    assert TOKEN_SECRET not in repr(settings)


def test_a_variable_that_is_no_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as failure:
        production(monkeypatch, PRESSROOM_TOKEN_LIFTIME="60", pressroom_quite_another="canary")
    assert str(failure.value) == (
        "PRESSROOM_QUITE_ANOTHER: there is no such setting; "
        "PRESSROOM_TOKEN_LIFTIME: there is no such setting; is it PRESSROOM_TOKEN_LIFETIME?"
    )


def test_one_in_the_file_is_named_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PRESSROOM_HOSTS=api.example.com\nOTHER=1\n")
    with pytest.raises(SettingsError, match=r"^PRESSROOM_HOSTS: there is no such setting"):
        production(monkeypatch)


def test_no_time_for_a_body_is_promised_that_generated_code_does_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert production(monkeypatch, PRESSROOM_BODY_TIMEOUT=str(_BODY_DEADLINE)).body_timeout == _BODY_DEADLINE
    with pytest.raises(SettingsError, match=r"^PRESSROOM_BODY_TIMEOUT: "):
        production(monkeypatch, PRESSROOM_BODY_TIMEOUT=str(_BODY_DEADLINE + 1))


@pytest.mark.parametrize("value", ["1", "true", "*"])
def test_debug_is_for_development_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    monkeypatch.setenv("DEBUG", value)
    with pytest.raises(SettingsError, match=r"^DEBUG: is for development only$"):
        production(monkeypatch)
    assert development(monkeypatch, tmp_path / "state").is_development


@pytest.mark.parametrize("value", ["", "0", "False"])
def test_debug_that_is_off_is_nothing(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DEBUG", value)
    assert not production(monkeypatch).is_development


def test_pages_are_not_public_in_production_and_the_contract_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = production(monkeypatch)
    assert (settings.public_pages, settings.public_contract) == (False, True)
    assert development(monkeypatch, tmp_path / "state").public_pages


def test_other_secrets_are_a_list_and_are_held_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = production(
        monkeypatch, PRESSROOM_ACCEPTED_TOKEN_SECRETS=f"{TOKEN_SECRET[::-1]}, {PEPPER[::-1]}"
    )
    accepted = [secret.get_secret_value() for secret in settings.accepted_token_secrets]
    assert accepted == [TOKEN_SECRET[::-1], PEPPER[::-1]]
    assert TOKEN_SECRET[::-1] not in repr(settings)
    for weak, fault in [("short", "at least 32 bytes"), ("ab" * 20, "can be guessed")]:
        with pytest.raises(SettingsError, match=f"PRESSROOM_ACCEPTED_TOKEN_SECRETS: .*{fault}") as refusal:
            production(monkeypatch, PRESSROOM_ACCEPTED_TOKEN_SECRETS=f"{PEPPER[::-1]},{weak}")
        assert weak not in str(refusal.value)


@pytest.mark.parametrize("name", ["PRESSROOM_TOKEN_KEY_FILE", "PRESSROOM_ACCEPTED_TOKEN_KEY_FILES"])
def test_a_key_file_that_has_no_key_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "damaged.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "other.pem").write_bytes(other)
    for file in ("missing.pem", "damaged.pem", "other.pem"):
        with pytest.raises(SettingsError, match=f"{name}: .*{file}: is not a PEM file with a key of Ed25519"):
            production(monkeypatch, **{name: str(tmp_path / file)})


def test_everything_missing_is_named_in_one_line() -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert "\n" not in str(refusal.value)
    for name in PRODUCTION:
        assert f"{name}: is not set" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PRESSROOM_TOKEN_SECRET", "Zk3Wq9Lk2Vn8Bt5Mj7Hc4Fs6Dg1Pa0Y"),
        ("PRESSROOM_TOKEN_SECRET", "0f1e2d3c" * 8),
        ("PRESSROOM_TOKEN_SECRET", "aabbaaabbbabababaaabbbabbbaababababbab"),
        ("PRESSROOM_PASSWORD_PEPPER", "please-CHANGE-me-before-you-go-live!"),
        ("PRESSROOM_PASSWORD_PEPPER", TOKEN_SECRET),
        ("PRESSROOM_CORS_ORIGINS", "*"),
        ("PRESSROOM_CORS_ORIGINS", "https://app.example.com/path"),
        ("PRESSROOM_ALLOWED_HOSTS", "*"),
        ("PRESSROOM_ALLOWED_HOSTS", "api.example.com:8000"),
        ("PRESSROOM_BCRYPT_COST", "9"),
        ("PRESSROOM_BCRYPT_COST", "17"),
        ("PRESSROOM_BCRYPT_COST", "canary-value"),
        ("PRESSROOM_PUBLIC_URL", "ftp://canary-value"),
        ("PRESSROOM_TRUSTED_PROXIES", "10.0.0.0/8, canary-value"),
        ("PRESSROOM_RATE_LIMIT_SCALE", "-1"),
        ("PRESSROOM_ENVIRONMENT", "canary-value"),
        ("PRESSROOM_TOKEN_LIFETIME", "0"),
        ("DATABASE_URL", "mysql://canary-value"),
        ("DATABASE_URL", "postgresql://app:canary-value@db:port/x"),
    ],
)
def test_refusal_names_the_variable_and_never_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        production(monkeypatch, **{name: value})
    message = str(refusal.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    if len(value) > 2:
        assert value not in message
    assert "canary" not in message


def test_dotenv_is_read_and_the_environment_goes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = [f"{name}={value}" for name, value in PRODUCTION.items()] + ["PRESSROOM_POOL_SIZE=7", "OTHER=1"]
    (tmp_path / ".env").write_text("\n".join(lines))
    assert load_settings().pool_size == 7
    monkeypatch.setenv("PRESSROOM_POOL_SIZE", "8")
    assert load_settings().pool_size == 8


def test_example_lists_every_setting_and_starts_nothing_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text()
    names = {
        "DATABASE_URL" if name == "database_url" else f"PRESSROOM_{name.upper()}"
        for name in Settings.model_fields
    }
    assert {
        line.partition("=")[0] for line in example.splitlines() if line and not line.startswith("#")
    } == names
    (tmp_path / ".env").write_text(example)
    with pytest.raises(SettingsError, match="PRESSROOM_TOKEN_SECRET: is not set"):
        load_settings()


def test_development_keeps_what_it_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state_dir = tmp_path / "state"
    first, second = development(monkeypatch, state_dir), development(monkeypatch, state_dir)
    assert first == second
    assert first.token_secret != first.password_pepper
    assert first.development_admin_password == second.development_admin_password
    assert 12 <= len(first.development_admin_password.get_secret_value()) <= 64
    assert first.database_url == ""
    assert first.allowed_hosts == ("localhost", "127.0.0.1", "testserver")
    assert first.cors_origins == ("http://localhost:3000", "http://localhost:5173")
    assert first.log_format == "text"
    assert first.mailbox_dir == state_dir / "mailbox"
    assert stat.S_IMODE((state_dir / "secrets.json").stat().st_mode) == 0o600
    assert [path.name for path in state_dir.iterdir()] == ["secrets.json"]


def _token_secret(state_dir: str) -> str:
    settings = Settings(environment="development", state_dir=Path(state_dir))
    return settings.token_secret.get_secret_value()


def test_racing_processes_keep_one_set_of_secrets(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as processes:
        made = set(processes.map(_token_secret, [str(tmp_path / "state")] * 16))
    assert made == {json.loads((tmp_path / "state" / "secrets.json").read_text())["token_secret"]}


def test_damaged_secrets_are_not_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(SettingsError, match=r"secrets\.json: is damaged"):
        development(monkeypatch, tmp_path)


def test_development_refuses_short_secrets_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRESSROOM_TOKEN_SECRET", "short")
    with pytest.raises(SettingsError, match="PRESSROOM_TOKEN_SECRET: must have at least 32 bytes"):
        development(monkeypatch, tmp_path)


@pytest.mark.parametrize(
    "url", ["smtp://mail.example.com", "smtp://me:p%40ss@mail.example.com:587", "smtps://[::1]:465/"]
)
def test_mail_servers(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    settings = production(monkeypatch, PRESSROOM_SMTP_URL=url)
    assert settings.smtp_url.get_secret_value() == url
    assert "p%40ss" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "https://mail.example.com",
        "smtp://",
        "smtp://canary:canary@host:canary",
        "smtp://h/x",
    ],
)
def test_what_is_no_mail_server(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(SettingsError, match="PRESSROOM_SMTP_URL: must be an address such as") as refusal:
        production(monkeypatch, PRESSROOM_SMTP_URL=url)
    assert "canary" not in str(refusal.value)
