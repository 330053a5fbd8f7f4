"""Posts, and the shape that a post has in an answer."""

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Column, Computed, Index, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field

from contractgen_runtime.postgres.tables import Table, new_id, timestamp

#: What everybody sees; the partial indexes below hold just these.
IS_PUBLIC = "published_at IS NOT NULL AND hidden_reason IS NULL"
#: Nobody can find the other posts, so they cost nothing here. As PostgreSQL writes it back, so that the
#: migrations can be compared with it.
WORDS = (
    "CASE WHEN ((published_at IS NOT NULL) AND (hidden_reason IS NULL)) "
    "THEN to_tsvector('english'::regconfig, ((title || ' '::text) || content)) ELSE NULL::tsvector END"
)


class PostRow(TypedDict):
    id: UUID
    title: str
    content: str
    is_published: bool
    published_at: datetime | None
    hidden_reason: str | None
    author_id: UUID
    created_at: datetime
    updated_at: datetime
    version: str


class Post(Table, table=True):
    __tablename__ = "posts"
    __table_args__ = (
        Index("posts_feed_idx", "published_at", "id", postgresql_where=text(IS_PUBLIC)),
        Index("posts_author_feed_idx", "author_id", "published_at", "id", postgresql_where=text(IS_PUBLIC)),
        Index("posts_author_id_idx", "author_id", "created_at", "id"),
        Index("posts_words_idx", "words", postgresql_using="gin", postgresql_where=text(IS_PUBLIC)),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    title: str = Field(sa_type=Text)
    content: str = Field(sa_type=Text)
    published_at: datetime | None = None  # a draft has none
    hidden_reason: str | None = Field(default=None, sa_type=Text)  # a moderator's
    author_id: UUID = Field(foreign_key="users.id")
    created_at: datetime = timestamp()
    updated_at: datetime = timestamp()
    words: Any = Field(default=None, sa_column=Column("words", TSVECTOR, Computed(WORDS, persisted=True)))
