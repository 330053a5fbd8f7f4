"""Deleted paths: what is gone with them, and what makes them again."""

import pytest

from contractgen_runtime.mocking.deletions import Deletions


@pytest.mark.parametrize(
    ("path", "template", "is_gone"),
    [
        ("/pets/3", "/pets/{id}", True),
        ("/pets/3/", "/pets/{id}/", True),
        ("/pets/3/owner", "/pets/{pet}/owner", True),
        ("/pets/3/owner/a/b", "/pets/{pet}/owner/{name}", True),
        ("/pets/3:feed", "/pets/{id}:feed", True),
        ("/pets/3.json", "/pets/{id}.json", True),
        ("/pets/4:feed", "/pets/{id}:feed", False),
        ("/pets/3:feed", "/pets/{id}", False),
        ("/pets/4", "/pets/{id}", False),
        ("/pets", "/pets", False),
        ("/pets/3", "/{kind}/3", False),
        ("/pets/3/owner", "/{kind}/3/owner", False),
    ],
)
def test_a_path_is_gone_with_that_of_the_same_resource(path: str, template: str, is_gone: bool) -> None:
    deletions = Deletions()
    assert not deletions.covers(path, template)
    deletions.note("DELETE", "/pets/3", "/pets/{id}")
    assert deletions.covers(path, template) is is_gone


@pytest.mark.parametrize("path", ["/pets", "/pets/3"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_made_again_is_there(method: str, path: str) -> None:
    deletions = Deletions()
    deletions.note("DELETE", "/pets/3", "/pets/{id}")
    deletions.note(method, path, path)
    assert not deletions.covers("/pets/3", "/pets/{id}")


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_made_below_is_there_and_what_was_deleted_is_not(method: str) -> None:
    deletions = Deletions()
    deletions.note("DELETE", "/pets/3", "/pets/{id}")
    deletions.note(method, "/pets/3/owner", "/pets/{id}/owner")
    assert deletions.covers("/pets/3", "/pets/{id}")
    assert not deletions.covers("/pets/3/owner", "/pets/{id}/owner")
    assert not deletions.covers("/pets/3/owner/name", "/pets/{id}/owner/name")
    assert deletions.covers("/pets/3/toys", "/pets/{id}/toys")
    deletions.note("DELETE", "/pets/3", "/pets/{id}")
    assert deletions.covers("/pets/3/owner", "/pets/{id}/owner")


def test_below_a_path_of_a_proxy() -> None:
    deletions = Deletions()
    deletions.note("DELETE", "/v1/pets/a/b", "/pets/{id}")  # its id has an encoded slash
    assert deletions.covers("/v1/pets/a/b/owner", "/pets/{id}/owner")
    assert not deletions.covers("/v2/pets/a/b/owner", "/pets/{id}/owner")
