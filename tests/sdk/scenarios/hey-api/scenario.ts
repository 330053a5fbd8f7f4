// Every operation and every problem through the client that @hey-api/openapi-ts writes.
import * as api from "./client";
import { createClient, createConfig } from "./client/client";
import { admin, base, equal, mailedToken, missing, present, unknownId } from "./support";

type Problem = api.Problem;
type Result<T> = { data: T | undefined; error: Problem | undefined; response: Response };

const anonymous = { client: createClient(createConfig({ baseUrl: base })) };

const as = (tokens: api.Tokens) => ({
  client: createClient(createConfig({ baseUrl: base, auth: tokens.access_token })),
});

const logIn = async (email: string, password: string) =>
  body(await api.login({ ...anonymous, body: { email, password } }));

function body<T>({ data, error, response }: Result<T>): T & {} {
  return data ?? missing(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
}

function done({ response }: { response: Response }, status: number): void {
  equal([response.url, response.status], [response.url, status]);
}

function rejected<T>({ error, response }: Result<T>, status: number, type: Problem["type"]): Problem {
  equal([response.url, error?.status, error?.type], [response.url, status, type]);
  return present(error);
}

equal(body(await api.livez(anonymous)).status, "ok");
equal(body(await api.readyz(anonymous)).status, "ok");

// An account
const ada: api.Registration = { email: "ada@example.com", password: "analytical engine", full_name: "Ada Lovelace" };
const register = (account: api.Registration, key: string) =>
  api.registerUser({ ...anonymous, body: account, headers: { "Idempotency-Key": key } });
const registered = await register(ada, "ada");
equal(registered.response.headers.get("Location"), `/api/v1/users/${body(registered).id}`);
equal(body(await register(ada, "ada")).id, body(registered).id);
rejected(await register({ ...ada, full_name: "Ada King" }, "ada"), 409, "/problems/idempotency-key-reused");
rejected(await register(ada, "ada-again"), 409, "/problems/email-taken");
rejected(await register({ ...ada, password: "password1234" }, "common"), 409, "/problems/common-password");
const invalid = rejected(await register({ ...ada, email: "ada" }, "invalid"), 422, "about:blank");
equal(present(invalid.errors).map(({ location, pointer }) => [location, pointer]), [["body", "/email"]]);

done(await api.requestEmailVerification({ ...anonymous, body: { email: ada.email } }), 202);
const verification = { body: { token: await mailedToken(ada.email, "verify-email", 2) } };
done(await api.verifyEmail({ ...anonymous, ...verification }), 204);
rejected(await api.verifyEmail({ ...anonymous, ...verification }), 404, "/problems/token-not-found");

// Sessions
const wrong = { body: { email: ada.email, password: "difference engine" } };
rejected(await api.login({ ...anonymous, ...wrong }), 401, "/problems/invalid-credentials");
rejected(await api.getMe(anonymous), 401, "about:blank");
const { refresh_token } = await logIn(ada.email, ada.password);
const first = as(body(await api.refreshSession({ ...anonymous, body: { refresh_token } })));
const unknown = { body: { refresh_token: "x".repeat(43) } };
rejected(await api.refreshSession({ ...anonymous, ...unknown }), 401, "/problems/invalid-refresh-token");
await logIn(ada.email, ada.password);
const sessions = body(await api.listSessions(first)).items;
const second = { path: { session_id: present(sessions.find((each) => !each.is_current)).id } };
done(await api.revokeSession({ ...first, ...second }), 204);
rejected(await api.revokeSession({ ...first, ...second }), 404, "/problems/session-not-found");

// Passwords
const change = (old_password: string) =>
  api.changePassword({ ...first, body: { old_password, new_password: "difference engine" } });
rejected(await change("not the password"), 403, "/problems/wrong-password");
done(await change(ada.password), 204);
done(await api.logout(first), 204);
done(await api.requestPasswordReset({ ...anonymous, body: { email: ada.email } }), 202);
const token = await mailedToken(ada.email, "reset-password");
done(await api.resetPassword({ ...anonymous, body: { token, new_password: ada.password } }), 204);
done(await api.logoutEverywhere(as(await logIn(ada.email, ada.password))), 204);

// Another address, and back
const mover = as(await logIn(ada.email, ada.password));
const move = { body: { password: ada.password, new_email: "ada@example.org" } };
done(await api.requestEmailChange({ ...mover, ...move, headers: { "Idempotency-Key": "move" } }), 202);
const confirmation = { body: { token: await mailedToken("ada@example.org", "change-email") } };
done(await api.confirmEmailChange({ ...anonymous, ...confirmation }), 204);
const undo = { body: { token: await mailedToken(ada.email, "undo-email-change") } };
done(await api.undoEmailChange({ ...anonymous, ...undo }), 204);

// The account's own data
const author = as(await logIn(ada.email, ada.password));
const me = await api.getMe(author);
const path = { user_id: body(me).id };
const version = `"${body(me).version}"`;
equal(me.response.headers.get("ETag"), version);
done(await api.getMe({ ...author, headers: { "If-None-Match": version } }), 304);
done(await api.getUser({ ...author, path, headers: { "If-None-Match": version } }), 304);
const rename = () =>
  api.updateUser({ ...author, path, headers: { "If-Match": version }, body: { full_name: "Ada King" } });
equal(body(await rename()).display_name, `Ada King (${ada.email})`);
rejected(await rename(), 412, "/problems/version-mismatch");

// Posts
const write = (title: string) =>
  api.createPost({ ...author, headers: { "Idempotency-Key": title },
    body: { title, content: "It can do whatever we know how to order it to perform." },
  });
const draft = await write("Notes");
equal(body(draft).published_at, null);
equal(body(await write("Notes")).id, body(draft).id);
const notes = { path: { post_id: body(draft).id } };
const etag = `"${body(draft).version}"`;
equal(body(await api.getPost({ ...author, ...notes })).title, "Notes");
done(await api.getPost({ ...author, ...notes, headers: { "If-None-Match": etag } }), 304);
rejected(await api.getPost({ ...anonymous, ...notes }), 404, "/problems/post-not-found");
const rewrite = (content: string, ifMatch: string) =>
  api.updatePost({ ...author, ...notes, headers: { "If-Match": ifMatch }, body: { content } });
equal(body(await rewrite("It originates nothing.", etag)).content, "It originates nothing.");
rejected(await rewrite("x".repeat(300_000), "*"), 413, "about:blank");
equal(body(await api.publishPost({ ...author, ...notes })).is_published, true);
equal(body(await api.unpublishPost({ ...author, ...notes })).is_published, false);
body(await api.publishPost({ ...author, ...notes }));
const more = { path: { post_id: body(await write("More")).id } };
body(await api.publishPost({ ...author, ...more }));
const page = body(await api.listPosts({ ...anonymous, query: { limit: 1 } }));
const rest = body(await api.listPosts({ ...anonymous, query: { limit: 1, cursor: present(page.next_cursor) } }));
equal([...page.items, ...rest.items].map(({ title }) => title), ["More", "Notes"]);
const foreign = { query: { cursor: "bm90LWEtY3Vyc29y" } };
rejected(await api.listPosts({ ...anonymous, ...foreign }), 404, "/problems/cursor-not-found");
equal(body(await api.listUserPosts({ ...anonymous, path })).items.length, 2);
done(await api.deletePost({ ...author, ...more, headers: { "If-Match": "*" } }), 204);

// Administration
const root = await logIn(admin.email, admin.password);
const office = as(root);
const grace: api.UserCreation = {
  email: "grace@example.com",
  password: "nanoseconds of wire",
  full_name: "Grace Hopper",
  role: "moderator",
};
const created = body(await api.createUser({ ...office, body: grace, headers: { "Idempotency-Key": "grace" } }));
const graceId = { path: { user_id: created.id } };
equal(body(await api.getUser({ ...office, ...graceId })).role, "moderator");
rejected(await api.getUser({ ...office, path: { user_id: unknownId } }), 404, "/problems/user-not-found");
const filter = { role: "moderator", is_active: true, sort: "-full_name", q: "grace", size: 5 } as const;
equal(body(await api.listUsers({ ...office, query: filter })).total, 1);
rejected(await api.listUsers(author), 403, "about:blank");
const self = { path: { user_id: root.user.id }, headers: { "If-Match": "*" } };
rejected(await api.updateUser({ ...office, ...self, body: { role: "user" } }), 409, "/problems/last-admin");

// Moderation
const moderator = as(await logIn(grace.email, grace.password));
const hidden = await api.hidePost({ ...moderator, ...notes, body: { reason: "Advertising." } });
equal(body(hidden).hidden_reason, "Advertising.");
equal(body(await api.unhidePost({ ...moderator, ...notes })).hidden_reason, null);

// Notifications and the audit trail
const welcome = { subject: "Welcome", body: "Good to have you here." };
const key = { "Idempotency-Key": "welcome" };
const queued = await api.notifyUser({ ...office, ...graceId, headers: key, body: welcome });
const notification = { path: { notification_id: body(queued).id } };
equal(body(await api.getNotification({ ...office, ...notification })).subject, "Welcome");
const lost = { path: { notification_id: unknownId } };
rejected(await api.getNotification({ ...office, ...lost }), 404, "/problems/notification-not-found");
const events = body(await api.listAuditEvents({ ...office, query: { action: "post_hidden" } }));
equal(events.items.map(({ subject_id }) => subject_id), [notes.path.post_id]);

// The end: the account is deleted, and a quota spent
done(await api.deleteMe({ ...author, body: { password: ada.password, posts: "delete" } }), 204);
const guess = () => api.login({ ...anonymous, body: { email: grace.email, password: "no idea" } });
let answer = await guess();
while (answer.response.status === 401) answer = await guess();
rejected(answer, 429, "/problems/too-many-requests");
equal(Number(answer.response.headers.get("Retry-After")) > 0, true);
