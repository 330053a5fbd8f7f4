"""FastAPI as its tutorials teach it: SQLModel, a session and the caller as dependencies, response models."""

import os
import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from enum import Enum
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, EmailStr, computed_field
from pydantic import Field as Bounded
from sqlalchemy import Column, DateTime, func
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

SECRET = os.environ["BENCH_SECRET"]
DSN = os.environ["BENCH_DSN"].replace("postgresql://", "postgresql+asyncpg://")
Session = async_sessionmaker(
    create_async_engine(DSN, pool_size=10, max_overflow=0), class_=AsyncSession, expire_on_commit=False
)


class Role(str, Enum):  # noqa: UP042 - as the tutorials write it
    admin = "admin"
    user = "user"
    moderator = "moderator"


class UserRow(SQLModel, table=True):
    __tablename__ = "users"

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    email: str
    full_name: str
    hashed_password: str
    role: Role = Field(
        sa_column=Column(EnumColumn(Role, name="user_role", values_callable=lambda e: [m.value for m in e]))
    )
    is_active: bool = True
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), server_default=func.now())
    )
    updated_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class PostRow(SQLModel, table=True):
    __tablename__ = "posts"

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    title: str
    content: str
    is_published: bool = False
    author_id: uuid.UUID = Field(foreign_key="users.id")
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), server_default=func.now())
    )
    updated_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class User(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: EmailStr
    full_name: str
    role: Role
    is_active: bool
    created_at: datetime
    updated_at: datetime | None = None

    @computed_field
    @property
    def display_name(self) -> str:
        return f"{self.full_name} ({self.email})"


class NewPost(BaseModel):
    title: str = Bounded(min_length=1, max_length=200)
    content: str = Bounded(min_length=1, max_length=20000)
    is_published: bool = False


class Post(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    content: str
    is_published: bool
    author_id: uuid.UUID
    created_at: datetime
    updated_at: datetime | None = None


class Page(BaseModel):
    items: list[Post]


async def get_session() -> AsyncIterator[AsyncSession]:
    async with Session() as session:
        try:
            yield session
            await session.commit()
        except Exception:
            await session.rollback()
            raise


InSession = Annotated[AsyncSession, Depends(get_session)]
Bearer = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


async def get_caller(session: InSession, credentials: Bearer) -> UserRow:
    try:
        subject = uuid.UUID(jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"])["sub"])
    except jwt.PyJWTError:
        raise HTTPException(401) from None
    user = (await session.exec(select(UserRow).where(UserRow.id == subject))).one_or_none()
    if user is None or not user.is_active:
        raise HTTPException(401)
    return user


Caller = Annotated[UserRow, Depends(get_caller)]
app = FastAPI()


@app.get("/api/v1/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/v1/users/me", response_model=User)
async def me(user: Caller) -> UserRow:
    return user


@app.get("/api/v1/posts", response_model=Page)
async def feed(
    user: Caller,  # noqa: ARG001 - asked for its check
    session: InSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, list[PostRow]]:
    newest_first = (PostRow.created_at.desc(), PostRow.id.desc())
    found = await session.exec(
        select(PostRow).where(PostRow.is_published).order_by(*newest_first).limit(limit)
    )
    return {"items": list(found.all())}


@app.post("/api/v1/posts", response_model=Post, status_code=201)
async def create(user: Caller, session: InSession, body: NewPost) -> PostRow:
    row = PostRow(**body.model_dump(), author_id=user.id)
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row
