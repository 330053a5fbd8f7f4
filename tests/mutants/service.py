"""Mutants of the service and of what it runs on: the bugs that a green fuzz run does not show.

The first fourteen are those of a study of fuzzers on a service like this one, which found four of them.
"""

from tests.mutants.mutant import Mutant, of

_admission = of("contractgen_runtime/admission", "operations/test_role_table")
_auth_queries = of(
    "pressroom/auth/queries",
    "operations/test_login",
    "operations/test_get_me",
    "operations/test_list_sessions",
    "operations/test_logout",
    "operations/test_revoke_session",
)
_auth_rules = of("pressroom/auth/rules", "rules/test_auth", "operations/test_login")
_db = of(
    "contractgen_runtime/postgres/db",
    "operations/test_create_post",
    "contractgen_runtime/postgres/test_unit_of_work",
)
_host = of("pressroom/host", "operations/test_role_table", "operations/test_get_me")
_post_handlers = of(
    "pressroom/posts/handlers",
    "operations/test_create_post",
    "operations/test_update_post",
    "operations/test_list_posts",
    "operations/test_delete_post",
)
_post_queries = of(
    "pressroom/posts/queries",
    "operations/test_update_post",
    "operations/test_delete_post",
    "operations/test_list_posts",
    "operations/test_list_user_posts",
)
_post_rules = of(
    "pressroom/posts/rules",
    "operations/test_update_post",
    "operations/test_get_post",
    "operations/test_hide_post",
)
_tokens = of("pressroom/tokens", "rules/test_tokens", "operations/test_refresh_session")
_user_rules = of("pressroom/users/rules", "operations/test_get_user", "operations/test_update_user")

SERVICE: list[Mutant] = [
    # The fourteen.
    _user_rules("any account can be read", "return caller.is_admin or caller.id == user_id", "return True"),
    _db("a write is lost after 201", 'connection.execute("COMMIT")', 'connection.execute("ROLLBACK")'),
    _host(
        "requests without a token are served",
        "if verified is None:\n            return None",
        "if verified is None:\n            return Caller({'id': token, 'role': 'admin'}, token)",
    ),
    _auth_queries(
        "a response has a property too many",
        'return cast(PresentedToken, known | {"user": row})',
        'return cast(PresentedToken, known | {"user": row | {"password_hash": "v1$"}})',
    ),
    _post_queries(
        "DELETE deletes nothing",
        "Statement(delete(Post).where(*_WANTED_VERSION))",
        "Statement(update(Post).where(*_WANTED_VERSION).values({Post.title: Post.title}))",
    ),
    _post_handlers(
        "the longest title is a 500",
        "    context.write_once()\n",
        "    context.write_once()\n    assert len(body.title) < 200\n",
    ),
    _tokens(
        "the signature is not verified",
        'return key.is_signature(signature, text.rpartition(".")[0].encode())',
        "return True",
    ),
    _auth_rules("any password logs in", "return is_right and is_active", "return is_active"),
    _post_handlers(
        "a page has one item too many",
        'responses.ListPosts200({"items": found[:limit], "next_cursor": next_cursor})',
        'responses.ListPosts200({"items": found, "next_cursor": next_cursor})',
    ),
    _post_handlers(
        "Location names another post",
        "location=f\"/api/v1/posts/{post['id']}\"",
        "location=f\"/api/v1/posts/{post['author_id']}\"",
    ),
    _post_rules("anybody changes a post", "return caller.is_admin or caller.id == author_id", "return True"),
    _post_queries("author_id is ignored", "*([_BY_AUTHOR] if author else []), ", ""),
    _admission("roles are ignored", "if all(role in caller.roles for role in required):", "if caller.roles:"),
    _post_queries(
        "PATCH changes no title", "Post.title: given_or_same(Post.title),", "Post.title: Post.title,"
    ),
    # Who may do what.
    _post_rules(
        "drafts are public", "return is_published and (moderates or not is_hidden)", "return not is_hidden"
    ),
    _post_rules("hidden posts are public", "(moderates or not is_hidden)", "(moderates or True)"),
]
