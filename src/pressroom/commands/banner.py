"""The text that `pressroom serve` prints in development."""

from shlex import quote

from pressroom.commands.development import EMAIL
from pressroom.settings import Settings


def banner(settings: Settings, address: str) -> str:
    """Return the addresses of the service, its docs, mailbox and database, and a command to log in."""
    password = settings.development_admin_password.get_secret_value()
    credentials = f'{{"email": "{EMAIL}", "password": "{password}"}}'
    return f"""
Pressroom (development)
  service   {address}
  docs      {address}/docs
  mailbox   {settings.mailbox_dir}

  export ADMIN_PASSWORD={quote(password)}
  export DATABASE_URL={quote(settings.database_url)}
  export MAILBOX={quote(str(settings.mailbox_dir))}

  log in    curl -s {address}/api/v1/auth/login -H 'Content-Type: application/json' -d '{credentials}'
"""
