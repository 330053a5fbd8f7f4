"""Secrets for development: made at the first start of a service, kept in its state folder."""

import json
import os
import re
import secrets
import tempfile
from collections.abc import Collection
from pathlib import Path

SHORTEST = 32

_PLACEHOLDER = re.compile(r"change.?(this|me|it)|replace.?(this|me|it)|placeholder|insecure", re.IGNORECASE)


class SettingsError(Exception):
    """The settings are invalid; the message names the variables in one line, and never a value."""


def fault_of(secret: str, *, may_be_guessable: bool) -> str | None:
    """Return what is wrong with a secret, None if nothing is."""
    if not secret:
        return "is not set"
    if len(secret.encode("utf-8", "surrogateescape")) < SHORTEST:
        return f"must have at least {SHORTEST} bytes"
    if not may_be_guessable and _is_guessable(secret):
        return "is a placeholder or can be guessed; make a random one"
    return None


def _is_guessable(secret: str) -> bool:
    repeated = secret in (secret + secret)[1:-1]
    return repeated or len(set(secret)) < 8 or _PLACEHOLDER.search(secret) is not None


def kept_secrets(state_dir: Path, names: Collection[str]) -> dict[str, str]:
    """Return the development secrets of this machine by name, made at the first call.

    Processes that race for it all get those of the first one.
    """
    path = state_dir / "secrets.json"
    if not path.exists():
        _keep_new_secrets(path, names)
    try:
        kept = json.loads(path.read_text())
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        raise SettingsError(f"{path}: is damaged; delete it to have new secrets made")
    if missing := sorted(set(names) - kept.keys()):
        raise SettingsError(f"{path}: lacks {', '.join(missing)}; delete it to have new secrets made")
    return kept


def _keep_new_secrets(path: Path, names: Collection[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump({name: secrets.token_urlsafe(36) for name in sorted(names)}, file)
            file.flush()
            os.fsync(file.fileno())
        # A link appears with its whole content and never replaces: of racing processes the first one wins.
        Path(path).hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
