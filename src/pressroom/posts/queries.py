"""Statements on posts, and the functions that run them."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    DateTime,
    Text,
    Uuid,
    bindparam,
    case,
    column,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlmodel import col, delete, insert, update

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement, of_several, several
from contractgen_runtime.postgres.tables import (
    given_or_same,
    is_one_of_versions,
    moved_on,
    new_id,
    version_of,
)
from pressroom.auth.queries import admitted, is_admitted
from pressroom.auth.tables import Session
from pressroom.posts.tables import Post, PostRow
from pressroom.users.tables import User

_COLUMNS = (
    col(Post.id),
    col(Post.title),
    col(Post.content),
    col(Post.published_at).is_not(None).label("is_published"),
    col(Post.published_at),
    col(Post.hidden_reason),
    col(Post.author_id),
    col(Post.created_at),
    col(Post.updated_at),
    version_of(col(Post.updated_at)),
)
_PUBLISHES = bindparam("is_published", type_=Boolean)
_WANTED = col(Post.id) == bindparam("id")
_WANTED_VERSION = (_WANTED, is_one_of_versions(col(Post.updated_at)))

_NEW_POST = {"id": Uuid, "title": Text, "content": Text, "author_id": Uuid, "is_published": Boolean}
_CALLER = {"caller_session": Uuid, "caller_role": Text}


def _values(given: Any) -> dict[str, Any]:
    columns = {name: given[name] for name in _NEW_POST}
    return columns | {"published_at": case((columns.pop("is_published"), func.now()))}


_new = _values({name: bindparam(name, type_=kind) for name, kind in _NEW_POST.items()})
# Without BEGIN: it waits for a lock no longer than a transaction does.
_in_time = func.set_config("lock_timeout", "1s", true()) == "1s"
_caller = admitted.where(_in_time).cte("caller")
_given = (
    func.unnest(*(several(name, kind) for name, kind in (_NEW_POST | _CALLER).items()))
    .table_valued(*(column(name, kind) for name, kind in (_NEW_POST | _CALLER).items()))
    .render_derived(name="given")
)
# Whoever is locked is left out, and waits by itself.
_gathered = (
    select(*_values(_given.c).values())
    .join_from(_given, Session, col(Session.id) == _given.c.caller_session)
    .join(User, col(User.id) == col(Session.user_id))
    .where(*is_admitted(_given.c.caller_session, _given.c.caller_role), _in_time)
    .with_for_update(read=True, of=[User, Session], skip_locked=True)
)
INSERT_POST: Statement[PostRow] = Statement(
    insert(Post).values(_new).returning(*_COLUMNS),
    guarded=Statement(
        insert(Post).from_select(list(_new), select(*_new.values()).select_from(_caller)).returning(*_COLUMNS)
    ),
    gathered=Statement(insert(Post).from_select(list(_new), _gathered).returning(*_COLUMNS)),
)

SELECT_POST: Statement[PostRow] = Statement(select(*_COLUMNS).where(_WANTED))

UPDATE_POST: Statement[PostRow] = Statement(
    update(Post)
    .where(*_WANTED_VERSION)
    .values(
        {
            Post.title: given_or_same(Post.title),
            Post.content: given_or_same(Post.content),
            Post.published_at: case(
                (_PUBLISHES, func.coalesce(col(Post.published_at), func.now())),
                (_PUBLISHES.is_(None), col(Post.published_at)),
            ),
            Post.updated_at: moved_on(col(Post.updated_at)),
        }
    )
    .returning(*_COLUMNS)
)

HIDE_POST: Statement[PostRow] = Statement(
    update(Post)
    .where(_WANTED)
    .values(
        {
            Post.hidden_reason: bindparam("reason", type_=Text),
            Post.updated_at: moved_on(col(Post.updated_at)),
        }
    )
    .returning(*_COLUMNS)
)

DELETE_POSTS_OF: Statement[PostRow] = Statement(
    delete(Post).where(col(Post.author_id) == bindparam("author_id"))
)

DELETE_POST: Statement[PostRow] = Statement(delete(Post).where(*_WANTED_VERSION))


_IS_PUBLIC = (col(Post.published_at).is_not(None), col(Post.hidden_reason).is_(None))
_BY_AUTHOR = col(Post.author_id) == bindparam("author_id")
_WITH_WORDS = col(Post.words).op("@@")(
    func.websearch_to_tsquery(literal_column("'english'"), bindparam("words", type_=Text))
)


@cache
def feed(*, author: bool, words: bool, later: bool, limit: int) -> Statement[PostRow]:
    """Return the statement of public posts, last published first: with these conditions, or all."""
    conditions = [*_IS_PUBLIC, *([_BY_AUTHOR] if author else []), *([_WITH_WORDS] if words else [])]
    # With a small limit the plan for a large table would walk the whole feed to find rare words.
    at_most = bindparam("limit") if words else literal(limit)
    rows = _newest(col(Post.published_at), *conditions, later=later, limit=at_most)
    # A page is as quick as another at any depth; for a search others would wait.
    is_gathered = (author or later) and not words
    gathered = Statement[PostRow](of_several(rows, _last_published)) if is_gathered else None
    return Statement(rows, gathered=gathered)


def _last_published(row: Any) -> list[Any]:
    return [row.published_at.desc(), row.id.desc()]


@cache
def of_author(*, later: bool, limit: int) -> Statement[PostRow]:
    """Return the statement of everything of an author, newest first, drafts and hidden posts too."""
    return Statement(_newest(col(Post.created_at), _BY_AUTHOR, later=later, limit=literal(limit)))


def _newest(by: Any, *conditions: Any, later: bool, limit: Any) -> Any:
    """Select the newest posts that meet the conditions, or those after a position.

    Where the limit is a constant, PostgreSQL keeps the plan of the feed: it does not know of a parameter
    that it is small, and made a plan for each page, in half of the page's time.
    """
    position = tuple_(bindparam("moment", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid))
    after = (tuple_(by, col(Post.id)) < position,) if later else ()
    return select(*_COLUMNS).where(*conditions, *after).order_by(by.desc(), col(Post.id).desc()).limit(limit)


async def insert_post(
    unit: UnitOfWork, *, title: str, content: str, is_published: bool, author_id: UUID
) -> PostRow:
    return await unit.fetch_row(
        INSERT_POST, id=new_id(), title=title, content=content, is_published=is_published, author_id=author_id
    )


async def select_post(unit: UnitOfWork, post_id: UUID) -> PostRow | None:
    return await unit.fetch_one(SELECT_POST, id=post_id)


async def update_post(
    unit: UnitOfWork,
    post_id: UUID,
    *,
    versions: Sequence[datetime] | None = None,
    title: str | None = None,
    content: str | None = None,
    is_published: bool | None = None,
) -> PostRow | None:
    """Change what is given and leave the rest; None when there is no such post in one of these versions."""
    return await unit.fetch_one(
        UPDATE_POST, id=post_id, versions=versions, title=title, content=content, is_published=is_published
    )


async def hide_post(unit: UnitOfWork, post_id: UUID, *, reason: str | None) -> PostRow | None:
    """Hide a post for a reason, or show it again for none; None when there is no such post."""
    return await unit.fetch_one(HIDE_POST, id=post_id, reason=reason)


async def delete_post(unit: UnitOfWork, post_id: UUID, *, versions: Sequence[datetime] | None = None) -> bool:
    """Delete a post; return whether there was one in one of these versions."""
    return await unit.execute(DELETE_POST, id=post_id, versions=versions) == 1


async def list_feed(
    unit: UnitOfWork,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
    author_id: UUID | None = None,
    words: str | None = None,
) -> list[PostRow]:
    """Return the public posts, last published first, or those that follow `before` (published_at, id).

    One more than `limit` when there is a next page.
    """
    statement = feed(
        author=author_id is not None, words=words is not None, later=before is not None, limit=limit + 1
    )
    given = {"author_id": author_id, "words": words, "limit": limit + 1} | _position(before)
    return await unit.fetch_shared(statement, **{name: given[name] for name in statement.names})


async def list_posts_of(
    unit: UnitOfWork, author_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None = None
) -> list[PostRow]:
    """Return all posts of an author, newest first, or those that follow `before` (created_at, id).

    One more than `limit` when there is a next page.
    """
    statement = of_author(later=before is not None, limit=limit + 1)
    return await unit.fetch_all(statement, author_id=author_id, **_position(before))


def _position(before: tuple[datetime, UUID] | None) -> dict[str, object]:
    return {} if before is None else {"moment": before[0], "id": before[1]}


async def delete_posts_of(unit: UnitOfWork, author_id: UUID) -> None:
    await unit.execute(DELETE_POSTS_OF, author_id=author_id)
