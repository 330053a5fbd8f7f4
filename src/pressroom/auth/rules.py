"""What an address is, and who may log in."""


def normalised(email: str) -> str:
    """The one spelling of an address under which it is stored."""
    return email.lower()


def may_log_in(*, is_right: bool, is_active: bool) -> bool:
    """A right password opens an active account; nothing says which of the two was missing."""
    return is_right and is_active
