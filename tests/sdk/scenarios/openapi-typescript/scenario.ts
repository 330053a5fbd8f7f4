// Every operation and every problem through openapi-fetch, typed by what openapi-typescript writes.
import createClient from "openapi-fetch";
import type { components, paths } from "./client/schema";
import { admin, base, equal, mailedToken, missing, present, unknownId } from "./support";

type Schemas = components["schemas"];
type Problem = Schemas["Problem"];

const anonymous = createClient<paths>({ baseUrl: base });

const as = (tokens: Schemas["Tokens"]) =>
  createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${tokens.access_token}` } });

const logIn = async (email: string, password: string) =>
  body(await anonymous.POST("/api/v1/auth/login", { body: { email, password } }));

function body<T>({ data, error, response }: { data?: T; error?: Problem; response: Response }): T {
  return data ?? missing(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
}

function done({ response }: { response: Response }, status: number): Response {
  equal([response.url, response.status], [response.url, status]);
  return response;
}

function rejected(
  { error, response }: { error?: Problem; response: Response },
  status: Problem["status"],
  type: Problem["type"],
): Problem {
  equal([response.url, error?.status, error?.type], [response.url, status, type]);
  return present(error);
}

// The service
equal(body(await anonymous.GET("/livez")).status, "ok");
equal(body(await anonymous.GET("/readyz")).status, "ok");

// An account
const ada: Schemas["Registration"] = {
  email: "ada@example.com",
  password: "analytical engine",
  full_name: "Ada Lovelace",
};
const register = (account: Schemas["Registration"], key: string) =>
  anonymous.POST("/api/v1/auth/register", {
    body: account,
    params: { header: { "Idempotency-Key": key } },
  });
const registered = await register(ada, "ada");
equal(registered.response.headers.get("Location"), `/api/v1/users/${body(registered).id}`);
equal(body(await register(ada, "ada")).id, body(registered).id);
rejected(await register({ ...ada, full_name: "Ada King" }, "ada"), 409, "/problems/idempotency-key-reused");
rejected(await register(ada, "ada-again"), 409, "/problems/email-taken");
rejected(await register({ ...ada, password: "password1234" }, "common"), 409, "/problems/common-password");
const invalid = rejected(await register({ ...ada, email: "ada" }, "invalid"), 422, "about:blank");
equal(invalid.errors?.map(({ location, pointer }) => [location, pointer]), [["body", "/email"]]);

done(await anonymous.POST("/api/v1/auth/email-verification", { body: { email: ada.email } }), 202);
const verification = { body: { token: await mailedToken(ada.email, "verify-email", 2) } };
done(await anonymous.POST("/api/v1/auth/email-verification/confirm", verification), 204);
rejected(
  await anonymous.POST("/api/v1/auth/email-verification/confirm", verification),
  404,
  "/problems/token-not-found",
);

// Sessions
rejected(
  await anonymous.POST("/api/v1/auth/login", { body: { email: ada.email, password: "difference engine" } }),
  401,
  "/problems/invalid-credentials",
);
rejected(await anonymous.GET("/api/v1/users/me"), 401, "about:blank");
const first = await logIn(ada.email, ada.password);
const { refresh_token } = first;
const refreshed = body(await anonymous.POST("/api/v1/auth/refresh", { body: { refresh_token } }));
rejected(
  await anonymous.POST("/api/v1/auth/refresh", { body: { refresh_token: "x".repeat(43) } }),
  401,
  "/problems/invalid-refresh-token",
);
await logIn(ada.email, ada.password);
const sessions = body(await as(refreshed).GET("/api/v1/auth/sessions")).items;
const other = { params: { path: { session_id: present(sessions.find((each) => !each.is_current)).id } } };
done(await as(refreshed).DELETE("/api/v1/auth/sessions/{session_id}", other), 204);
rejected(
  await as(refreshed).DELETE("/api/v1/auth/sessions/{session_id}", other),
  404,
  "/problems/session-not-found",
);

// Passwords
const change = (old_password: string) =>
  as(refreshed).POST("/api/v1/auth/change-password", {
    body: { old_password, new_password: "difference engine" },
  });
rejected(await change("not the password"), 403, "/problems/wrong-password");
done(await change(ada.password), 204);
done(await as(refreshed).POST("/api/v1/auth/logout"), 204);
done(await anonymous.POST("/api/v1/auth/password-reset", { body: { email: ada.email } }), 202);
const token = await mailedToken(ada.email, "reset-password");
const reset = { body: { token, new_password: ada.password } };
done(await anonymous.POST("/api/v1/auth/password-reset/confirm", reset), 204);
done(await as(await logIn(ada.email, ada.password)).POST("/api/v1/auth/logout-everywhere"), 204);

// Another address, and back
const mover = as(await logIn(ada.email, ada.password));
const move = { password: ada.password, new_email: "ada@example.org" };
const moveOnce = { params: { header: { "Idempotency-Key": "move" } }, body: move };
done(await mover.POST("/api/v1/auth/email-change", moveOnce), 202);
const confirmation = { body: { token: await mailedToken("ada@example.org", "change-email") } };
done(await anonymous.POST("/api/v1/auth/email-change/confirm", confirmation), 204);
const undo = { body: { token: await mailedToken(ada.email, "undo-email-change") } };
done(await anonymous.POST("/api/v1/auth/email-change/undo", undo), 204);

// The account's own data
const author = as(await logIn(ada.email, ada.password));
const me = await author.GET("/api/v1/users/me");
const account = body(me);
const version = `"${account.version}"`;
equal(me.response.headers.get("ETag"), version);
done(await author.GET("/api/v1/users/me", { params: { header: { "If-None-Match": version } } }), 304);
const user = { user_id: account.id };
done(
  await author.GET("/api/v1/users/{user_id}", { params: { path: user, header: { "If-None-Match": version } } }),
  304,
);
const rename = () =>
  author.PATCH("/api/v1/users/{user_id}", {
    params: { path: user, header: { "If-Match": version } },
    body: { full_name: "Ada King" },
  });
equal(body(await rename()).display_name, `Ada King (${ada.email})`);
rejected(await rename(), 412, "/problems/version-mismatch");

// Posts
const write = (title: string) =>
  author.POST("/api/v1/posts", {
    params: { header: { "Idempotency-Key": title } },
    body: { title, content: "It can do whatever we know how to order it to perform." },
  });
const draft = await write("Notes");
equal(body(draft).published_at, null);
equal(body(await write("Notes")).id, body(draft).id);
const post = { post_id: body(draft).id };
const etag = `"${body(draft).version}"`;
body(await author.GET("/api/v1/posts/{post_id}", { params: { path: post } }));
done(
  await author.GET("/api/v1/posts/{post_id}", { params: { path: post, header: { "If-None-Match": etag } } }),
  304,
);
rejected(await anonymous.GET("/api/v1/posts/{post_id}", { params: { path: post } }), 404, "/problems/post-not-found");
const rewrite = (content: string, ifMatch: string) =>
  author.PATCH("/api/v1/posts/{post_id}", {
    params: { path: post, header: { "If-Match": ifMatch } },
    body: { content },
  });
equal(body(await rewrite("It originates nothing.", etag)).content, "It originates nothing.");
rejected(await rewrite("x".repeat(300_000), "*"), 413, "about:blank");
body(await author.POST("/api/v1/posts/{post_id}/publish", { params: { path: post } }));
body(await author.POST("/api/v1/posts/{post_id}/unpublish", { params: { path: post } }));
body(await author.POST("/api/v1/posts/{post_id}/publish", { params: { path: post } }));
const second = { post_id: body(await write("More")).id };
body(await author.POST("/api/v1/posts/{post_id}/publish", { params: { path: second } }));
const page = body(await anonymous.GET("/api/v1/posts", { params: { query: { limit: 1 } } }));
const cursor = present(page.next_cursor);
const rest = body(await anonymous.GET("/api/v1/posts", { params: { query: { limit: 1, cursor } } }));
equal([...page.items, ...rest.items].map(({ title }) => title), ["More", "Notes"]);
rejected(
  await anonymous.GET("/api/v1/posts", { params: { query: { cursor: "bm90LWEtY3Vyc29y" } } }),
  404,
  "/problems/cursor-not-found",
);
const theirs = await anonymous.GET("/api/v1/users/{user_id}/posts", { params: { path: user } });
equal(body(theirs).items.length, 2);
done(
  await author.DELETE("/api/v1/posts/{post_id}", { params: { path: second, header: { "If-Match": "*" } } }),
  204,
);

// Administration
const root = await logIn(admin.email, admin.password);
const office = as(root);
const grace: Schemas["UserCreation"] = {
  email: "grace@example.com",
  password: "nanoseconds of wire",
  full_name: "Grace Hopper",
  role: "moderator",
};
const created = await office.POST("/api/v1/users", {
  params: { header: { "Idempotency-Key": "grace" } },
  body: grace,
});
const graceId = { user_id: body(created).id };
equal(body(await office.GET("/api/v1/users/{user_id}", { params: { path: graceId } })).role, "moderator");
rejected(
  await office.GET("/api/v1/users/{user_id}", { params: { path: { user_id: unknownId } } }),
  404,
  "/problems/user-not-found",
);
const moderators = await office.GET("/api/v1/users", {
  params: { query: { role: "moderator", is_active: true, sort: "-full_name", q: "grace", size: 5 } },
});
equal(body(moderators).total, 1);
rejected(await author.GET("/api/v1/users"), 403, "about:blank");
rejected(
  await office.PATCH("/api/v1/users/{user_id}", {
    params: { path: { user_id: root.user.id }, header: { "If-Match": "*" } },
    body: { role: "user" },
  }),
  409,
  "/problems/last-admin",
);

// Moderation
const moderator = as(await logIn(grace.email, grace.password));
const hidden = await moderator.POST("/api/v1/posts/{post_id}/hide", {
  params: { path: post },
  body: { reason: "Advertising." },
});
equal(body(hidden).hidden_reason, "Advertising.");
equal(body(await moderator.POST("/api/v1/posts/{post_id}/unhide", { params: { path: post } })).hidden_reason, null);

// Notifications and the audit trail
const notified = await office.POST("/api/v1/users/{user_id}/notify", {
  params: { path: graceId, header: { "Idempotency-Key": "welcome" } },
  body: { subject: "Welcome", body: "Good to have you here." },
});
const notification = await office.GET("/api/v1/notifications/{notification_id}", {
  params: { path: { notification_id: body(notified).id } },
});
equal(body(notification).subject, "Welcome");
rejected(
  await office.GET("/api/v1/notifications/{notification_id}", {
    params: { path: { notification_id: unknownId } },
  }),
  404,
  "/problems/notification-not-found",
);
const events = await office.GET("/api/v1/audit-events", { params: { query: { action: "post_hidden" } } });
equal(body(events).items.map(({ subject_id }) => subject_id), [post.post_id]);

// The end: a quota is spent, and the account deleted
done(await author.POST("/api/v1/users/me/delete", { body: { password: ada.password, posts: "delete" } }), 204);
const guess = () =>
  anonymous.POST("/api/v1/auth/login", { body: { email: grace.email, password: "no idea" } });
let answer = await guess();
while (answer.response.status === 401) answer = await guess();
rejected(answer, 429, "/problems/too-many-requests");
equal(Number(answer.response.headers.get("Retry-After")) > 0, true);
