"""Drafts, published posts, the public feed, and moderation."""

from uuid import UUID

from pressroom import problems
from pressroom.audit.queries import changes
from pressroom.callers import Caller
from pressroom.context import Context
from pressroom.etags import etag_of, is_known, is_wanted, versions
from pressroom.idempotency.answers import idempotent
from pressroom.posts import queries
from pressroom.posts.rules import may_change, may_see
from pressroom.posts.tables import PostRow
from pressroom_api import models, responses

_Refusal = responses.Forbidden | responses.PostNotFound


async def list_posts(
    context: Context,
    caller: Caller | None,
    /,
    *,
    limit: int,
    cursor: str | None,
    author_id: UUID | None,
    q: str | None,
) -> responses.ListPosts200 | responses.CursorNotFound:
    cursors, query = context.services.cursors, ("list_posts", author_id, q)
    before = cursors.decode(cursor, *query) if cursor else None
    if cursor and before is None:
        return responses.CursorNotFound(problems.CURSOR_NOT_FOUND)
    found = await queries.list_feed(context, limit=limit, before=before, author_id=author_id, words=q)
    next_cursor = cursors.after(found, limit, "published_at", *query)
    return responses.ListPosts200({"items": found[:limit], "next_cursor": next_cursor})


@idempotent
async def create_post(
    context: Context, caller: Caller, /, *, idempotency_key: str | None, body: models.PostCreation
) -> responses.CreatePost201:
    context.write_once()
    post = await queries.insert_post(
        context,
        title=body.title,
        content=body.content,
        is_published=body.is_published is True,
        author_id=caller.id,
    )
    return responses.CreatePost201(
        post, location=f"/api/v1/posts/{post['id']}", etag=etag_of(post["version"])
    )


async def get_post(
    context: Context, caller: Caller | None, /, *, post_id: UUID, if_none_match: str | None
) -> responses.GetPost200 | responses.NotModified | responses.PostNotFound:
    post = await _visible(context, caller, post_id)
    if post is None:
        return responses.PostNotFound(problems.POST_NOT_FOUND)
    etag = etag_of(post["version"])
    if is_known(if_none_match, etag):
        return responses.NotModified(etag=etag)
    return responses.GetPost200(post, etag=etag)


async def update_post(
    context: Context, caller: Caller, /, *, post_id: UUID, if_match: str, body: models.PostUpdate
) -> responses.UpdatePost200 | _Refusal | responses.PreconditionFailed:
    post = await _changeable(context, caller, post_id)
    if isinstance(post, _Refusal):
        return post
    if not body.model_fields_set and is_wanted(post["updated_at"], if_match):
        return responses.UpdatePost200(post, etag=etag_of(post["version"]))
    changed = await queries.update_post(context, post_id, versions=versions(if_match), **body.model_dump())
    if changed is None:
        return responses.PreconditionFailed(problems.VERSION_MISMATCH)
    return responses.UpdatePost200(changed, etag=etag_of(changed["version"]))


async def delete_post(
    context: Context, caller: Caller, /, *, post_id: UUID, if_match: str
) -> responses.DeletePost204 | _Refusal | responses.PreconditionFailed:
    post = await _changeable(context, caller, post_id)
    if isinstance(post, _Refusal):
        return post
    if not await queries.delete_post(context, post_id, versions=versions(if_match)):
        return responses.PreconditionFailed(problems.VERSION_MISMATCH)
    await context.record("post_deleted", actor=caller.id, subject=post_id)
    return responses.DeletePost204()


async def publish_post(
    context: Context, caller: Caller, /, *, post_id: UUID
) -> responses.PublishPost200 | _Refusal:
    post = await _changeable(context, caller, post_id)
    if isinstance(post, _Refusal):
        return post
    published = (
        post if post["is_published"] else await queries.update_post(context, post_id, is_published=True)
    )
    if published is None:  # deleted meanwhile
        return responses.PostNotFound(problems.POST_NOT_FOUND)
    return responses.PublishPost200(published, etag=etag_of(published["version"]))


async def unpublish_post(
    context: Context, caller: Caller, /, *, post_id: UUID
) -> responses.UnpublishPost200 | _Refusal:
    post = await _changeable(context, caller, post_id)
    if isinstance(post, _Refusal):
        return post
    draft = await queries.update_post(context, post_id, is_published=False) if post["is_published"] else post
    if draft is None:  # deleted meanwhile
        return responses.PostNotFound(problems.POST_NOT_FOUND)
    return responses.UnpublishPost200(draft, etag=etag_of(draft["version"]))


async def hide_post(
    context: Context, caller: Caller, /, *, post_id: UUID, body: models.Hiding
) -> responses.HidePost200 | responses.PostNotFound:
    post = await _hidden(context, caller, post_id, reason=body.reason)
    if post is None:
        return responses.PostNotFound(problems.POST_NOT_FOUND)
    return responses.HidePost200(post, etag=etag_of(post["version"]))


async def unhide_post(
    context: Context, caller: Caller, /, *, post_id: UUID
) -> responses.UnhidePost200 | responses.PostNotFound:
    post = await _hidden(context, caller, post_id, reason=None)
    if post is None:
        return responses.PostNotFound(problems.POST_NOT_FOUND)
    return responses.UnhidePost200(post, etag=etag_of(post["version"]))


async def list_user_posts(
    context: Context, caller: Caller | None, /, *, user_id: UUID, limit: int, cursor: str | None
) -> responses.ListUserPosts200 | responses.CursorNotFound:
    sees_all = caller is not None and may_change(caller, author_id=user_id)
    cursors, query = context.services.cursors, ("list_user_posts", user_id, sees_all)
    before = cursors.decode(cursor, *query) if cursor else None
    if cursor and before is None:
        return responses.CursorNotFound(problems.CURSOR_NOT_FOUND)
    if sees_all:
        found = await queries.list_posts_of(context, user_id, limit=limit, before=before)
    else:
        found = await queries.list_feed(context, limit=limit, before=before, author_id=user_id)
    next_cursor = cursors.after(found, limit, "created_at" if sees_all else "published_at", *query)
    return responses.ListUserPosts200({"items": found[:limit], "next_cursor": next_cursor})


async def _visible(context: Context, caller: Caller | None, post_id: UUID) -> PostRow | None:
    """The post, if it exists for this caller."""
    post = await queries.select_post(context, post_id)
    if post is None or not may_see(
        caller,
        author_id=post["author_id"],
        is_published=post["is_published"],
        is_hidden=post["hidden_reason"] is not None,
    ):
        return None
    return post


async def _changeable(context: Context, caller: Caller, post_id: UUID) -> PostRow | _Refusal:
    """The post, or why the caller may not change it: what they do not see does not exist for them."""
    post = await _visible(context, caller, post_id)
    if post is None:
        return responses.PostNotFound(problems.POST_NOT_FOUND)
    if not may_change(caller, author_id=post["author_id"]):
        return responses.Forbidden(problems.FORBIDDEN)
    return post


async def _hidden(context: Context, caller: Caller, post_id: UUID, *, reason: str | None) -> PostRow | None:
    """The post, hidden for the reason or shown again; the trail tells who did it and why."""
    before = await _visible(context, caller, post_id)
    if before is None or before["hidden_reason"] == reason:
        return before
    post = await queries.hide_post(context, post_id, reason=reason)
    if post is not None:
        await context.record(
            "post_hidden" if reason else "post_unhidden",
            actor=caller.id,
            subject=post_id,
            changes=changes(before, post, ["hidden_reason"]),
        )
    return post
