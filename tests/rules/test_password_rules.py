import pytest

from pressroom.password_rules import names_account, refusal_of
from pressroom.problems import COMMON_PASSWORD, GUESSABLE_PASSWORD

EMAIL = "lovelace@example.com"


@pytest.mark.parametrize(
    "password",
    [
        "lovelace@example.com",
        "my Lovelace@Example.com!",
        "12 LOVELACES 34",
        "\uff4c\uff4f\uff56\uff45\uff4c\uff41\uff43\uff45 of 1843",  # the same in another width
        "Pressroom rules",
        "i love PRESSROOM so",
    ],
)
def test_what_names_the_account_or_the_service_is_refused(password: str) -> None:
    assert names_account(password, EMAIL)
    assert refusal_of(password, EMAIL) == GUESSABLE_PASSWORD


@pytest.mark.parametrize(
    ("password", "email"),
    [
        ("analytical engine", EMAIL),
        ("love and lace alone", EMAIL),
        ("example.com is a domain", EMAIL),
        ("ada wrote the notes", "ada@example.com"),  # too short a name to tell
        ("press the room key", EMAIL),
    ],
)
def test_what_does_not_is_taken(password: str, email: str) -> None:
    assert refusal_of(password, email) is None


def test_four_characters_are_a_name() -> None:
    assert names_account("what anna said then", "anna@example.com")
    assert not names_account("what ann said then", "ann@example.com")


def test_what_many_people_have_is_refused_as_such() -> None:
    assert refusal_of("password1234", EMAIL) == COMMON_PASSWORD
