"""Drafts, published posts and the public feed."""

from uuid import UUID

from generated import models, responses
from pressroom import problems
from pressroom.callers import Caller
from pressroom.context import Context
from pressroom.etags import etag_of, is_known, versions
from pressroom.idempotency.answers import idempotent
from pressroom.posts import queries
from pressroom.posts.rules import may_change, may_see


async def list_posts(
    context: Context, caller: Caller | None, /, *, limit: int, cursor: str | None
) -> responses.ListPosts200 | responses.CursorNotFound:
    cursors = context.services.cursors
    before = cursors.decode(cursor) if cursor else None
    if cursor and before is None:
        return responses.CursorNotFound(problems.CURSOR_NOT_FOUND)
    found = await queries.list_feed(context, limit=limit, before=before)
    items, last = found[:limit], found[limit - 1] if len(found) > limit else None
    next_cursor = cursors.encode(last["created_at"], last["id"]) if last else None
    return responses.ListPosts200({"items": items, "next_cursor": next_cursor})


@idempotent
async def create_post(
    context: Context, caller: Caller, /, *, idempotency_key: str | None, body: models.NewPost
) -> responses.CreatePost201:
    post = await queries.insert_post(
        context,
        title=body.title,
        content=body.content,
        is_published=body.is_published,
        author_id=caller.id,
    )
    return responses.CreatePost201(
        post, location=f"/api/v1/posts/{post['id']}", etag=etag_of(post["updated_at"])
    )


async def get_post(
    context: Context, caller: Caller | None, /, *, post_id: UUID, if_none_match: str | None
) -> responses.GetPost200 | responses.NotModified | responses.PostNotFound:
    post = await queries.select_post(context, post_id)
    if post is None or not may_see(caller, author_id=post["author_id"], is_published=post["is_published"]):
        return responses.PostNotFound(problems.POST_NOT_FOUND)
    etag = etag_of(post["updated_at"])
    if is_known(if_none_match, etag):
        return responses.NotModified(etag=etag)
    return responses.GetPost200(post, etag=etag)


async def update_post(
    context: Context, caller: Caller, /, *, post_id: UUID, if_match: str | None, body: models.PostUpdate
) -> (
    responses.UpdatePost200
    | responses.Forbidden
    | responses.PostNotFound
    | responses.PreconditionFailed
    | responses.PreconditionRequired
):
    refusal = await _refusal(context, caller, post_id)
    if refusal is not None:
        return refusal
    if if_match is None:
        return responses.PreconditionRequired(problems.PRECONDITION_REQUIRED)
    post = await queries.update_post(context, post_id, versions=versions(if_match), **body.model_dump())
    if post is None:
        return responses.PreconditionFailed(problems.CHANGED_SINCE)
    return responses.UpdatePost200(post, etag=etag_of(post["updated_at"]))


async def delete_post(
    context: Context, caller: Caller, /, *, post_id: UUID, if_match: str | None
) -> (
    responses.DeletePost204
    | responses.Forbidden
    | responses.PostNotFound
    | responses.PreconditionFailed
    | responses.PreconditionRequired
):
    refusal = await _refusal(context, caller, post_id)
    if refusal is not None:
        return refusal
    if if_match is None:
        return responses.PreconditionRequired(problems.PRECONDITION_REQUIRED)
    if not await queries.delete_post(context, post_id, versions=versions(if_match)):
        return responses.PreconditionFailed(problems.CHANGED_SINCE)
    return responses.DeletePost204()


async def _refusal(
    context: Context, caller: Caller, post_id: UUID
) -> responses.Forbidden | responses.PostNotFound | None:
    """Why the caller may not write a post: a draft of somebody else does not exist for them."""
    post = await queries.select_post(context, post_id)
    if post is None or not may_see(caller, author_id=post["author_id"], is_published=post["is_published"]):
        return responses.PostNotFound(problems.POST_NOT_FOUND)
    if not may_change(caller, author_id=post["author_id"]):
        return responses.Forbidden(problems.FORBIDDEN)
    return None
