"""Statements on posts, and the functions that run them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, select, tuple_
from sqlmodel import col, delete, insert, update

from pressroom.db import Statement, UnitOfWork
from pressroom.posts.tables import Post, PostRow
from pressroom.tables import given_or_same, is_one_of_versions, moved_on, new_id

_COLUMNS = (
    col(Post.id),
    col(Post.title),
    col(Post.content),
    col(Post.is_published),
    col(Post.author_id),
    col(Post.created_at),
    col(Post.updated_at),
)

INSERT_POST: Statement[PostRow] = Statement(
    insert(Post)
    .values({name: bindparam(name) for name in ("id", "title", "content", "is_published", "author_id")})
    .returning(*_COLUMNS)
)

SELECT_POST: Statement[PostRow] = Statement(select(*_COLUMNS).where(col(Post.id) == bindparam("id")))

_WANTED_VERSION = (col(Post.id) == bindparam("id"), is_one_of_versions(col(Post.updated_at)))

UPDATE_POST: Statement[PostRow] = Statement(
    update(Post)
    .where(*_WANTED_VERSION)
    .values(
        {
            Post.title: given_or_same(Post.title),
            Post.content: given_or_same(Post.content),
            Post.is_published: given_or_same(Post.is_published),
            Post.updated_at: moved_on(col(Post.updated_at)),
        }
    )
    .returning(*_COLUMNS)
)

DELETE_POST: Statement[PostRow] = Statement(delete(Post).where(*_WANTED_VERSION))

_FEED = (
    select(*_COLUMNS)
    .where(col(Post.is_published))
    .order_by(col(Post.created_at).desc(), col(Post.id).desc())
    .limit(bindparam("limit"))
)

FEED_START: Statement[PostRow] = Statement(_FEED)

FEED_BEFORE: Statement[PostRow] = Statement(
    _FEED.where(
        tuple_(col(Post.created_at), col(Post.id))
        < tuple_(bindparam("created_at", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid))
    )
)


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


async def delete_post(unit: UnitOfWork, post_id: UUID, *, versions: Sequence[datetime] | None = None) -> bool:
    """Whether there was such a post in one of these versions."""
    return await unit.execute(DELETE_POST, id=post_id, versions=versions) == 1


async def list_feed(
    unit: UnitOfWork, *, limit: int, before: tuple[datetime, UUID] | None = None
) -> list[PostRow]:
    """The newest published posts, or those that follow `before` (its created_at and id).

    One more than `limit` when there is a next page.
    """
    if before is None:
        return await unit.fetch_all(FEED_START, limit=limit + 1)
    created_at, post_id = before
    return await unit.fetch_all(FEED_BEFORE, limit=limit + 1, created_at=created_at, id=post_id)
