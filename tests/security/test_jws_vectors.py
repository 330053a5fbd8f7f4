"""The vectors of Project Wycheproof for JSON Web Signatures: see wycheproof/README.md."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from pressroom.keys import key_from_secret
from pressroom.settings import Settings
from pressroom.tokens import TokenIssuer, is_signed
from tests.tiers import sampled

FILE = Path(__file__).parent / "wycheproof" / "json_web_signature_test.json"
GROUPS: list[dict[str, Any]] = json.loads(FILE.read_text())["testGroups"]
VECTORS: list[str] = [case["jws"] for group in GROUPS for case in group["tests"]]
OURS = [group for group in GROUPS if group["private"].get("alg") == "HS256"]


def secret_of(group: dict[str, Any]) -> bytes:
    text: str = group["private"]["k"]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


#: Vectors that are judged otherwise. Two have lost the padding that they are named for, and are the text of a
#: valid one; two are called valid although they have a question mark, which no alphabet of base64 has.
OTHERWISE = {367: True, 370: True, 372: False, 373: False}


def test_signatures_of_our_algorithm_are_judged_as_the_vectors_say() -> None:
    wrong = {
        case["tcId"]: found
        for group in OURS
        for case in group["tests"]
        if (found := is_signed(case["jws"], key_from_secret(secret_of(group)))) != (case["result"] == "valid")
    }
    assert wrong == OTHERWISE
    assert (len(VECTORS), sum(len(group["tests"]) for group in OURS)) == (401, 40)


@pytest.mark.parametrize("secret", sorted({secret_of(group).hex() for group in OURS}))
def test_no_vector_is_a_token_of_ours_even_with_its_key(settings: Settings, secret: str) -> None:
    text = bytes.fromhex(secret).decode("utf-8", "surrogateescape")
    ours = TokenIssuer(settings.model_copy(update={"token_secret": SecretStr(text)}))
    assert [vector for vector in VECTORS if ours.verify(vector) is not None] == []


async def test_a_vector_is_answered_with_401(client: httpx.AsyncClient) -> None:
    answers = [
        await client.get("/api/v1/users/me", headers={"authorization": f"Bearer {vector}"})
        for vector in sampled(VECTORS, 40)
    ]
    assert {(answer.status_code, answer.headers["www-authenticate"][:6]) for answer in answers} == {
        (401, "Bearer")
    }
