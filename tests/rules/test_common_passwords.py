import time

import pytest

from pressroom.common_passwords import is_common


@pytest.mark.parametrize(
    "password",
    [
        "1qaz2wsx3edc",
        "Qwerty123456",
        "leavemealone",
        "password1234",
        "PASSWORD2026!",
        "!!!dragon!!!!",
        "123456789012",
        "210987654321",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "hunter2hunter2",
        "abcdefghijkl",
        "ｐａｓｓｗｏｒｄ１２３４",  # the same to NFKC, and so to the hash
    ],
)
def test_what_many_people_have(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "analytical engine",
        "password of my cat",
        "pass1234word5678",
        "730168429507",
        "правильный пароль",
        "正しい馬の電池のホッチキスだよ",
        "\U0001f511 \U0001f600 \U0001f40e \U0001f50b \U0001f4ce \U0001f512 \U0001f3e0",
        "kT8vQ2mZr6Lw",
    ],
)
def test_what_they_do_not(password: str) -> None:
    assert not is_common(password)


@pytest.mark.parametrize("password", ["ab" * 31 + "x", "\ufdfa" * 64, "1" * 63 + "a", "a1" * 31 + "!"])
def test_no_password_takes_long_to_look_at(password: str) -> None:
    started = time.perf_counter()
    is_common(password)
    assert time.perf_counter() - started < 0.1
