"""Posts, and the shape that a post has in an answer."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from pressroom.tables import Table, new_id, timestamp


class PostRow(TypedDict):
    id: UUID
    title: str
    content: str
    is_published: bool
    author_id: UUID
    created_at: datetime
    updated_at: datetime


class Post(Table, table=True):
    __tablename__ = "posts"
    __table_args__ = (Index("posts_feed_idx", "created_at", "id", postgresql_where=text("is_published")),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    title: str = Field(sa_type=Text)
    content: str = Field(sa_type=Text)
    is_published: bool = False
    author_id: UUID = Field(foreign_key="users.id", index=True)
    created_at: datetime = timestamp()
    updated_at: datetime = timestamp()
