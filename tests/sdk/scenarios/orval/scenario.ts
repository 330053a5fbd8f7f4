// Every operation and every problem through the fetch client that orval writes.
import * as api from "./client";
import { admin, equal, mailedToken, missing, present, unknownId } from "./support";

const as = (tokens: api.Tokens) => ({ headers: { Authorization: `Bearer ${tokens.access_token}` } });

const logIn = async (email: string, password: string) => answered(await api.login({ email, password }), 200).data;

const has = <R extends { status: number }, S extends R["status"]>(
  response: R,
  status: S,
): response is Extract<R, { status: S }> => response.status === status;

/** The response, in the type that its status has. */
function answered<R extends { status: number }, S extends R["status"]>(
  response: R,
  status: S,
): Extract<R, { status: S }> {
  return has(response, status) ? response : missing(`not ${status}: ${JSON.stringify(response)}`);
}

function rejected({ data, status }: { data: api.Problem; status: number }, type: api.Problem["type"]): api.Problem {
  equal([data.status, data.type], [status, type]);
  return data;
}

// The service
equal(answered(await api.livez(), 200).data.status, "ok");
equal(answered(await api.readyz(), 200).data.status, "ok");

// An account
const ada: api.Registration = { email: "ada@example.com", password: "analytical engine", full_name: "Ada Lovelace" };
const register = (account: api.Registration, key: string) => api.registerUser(account, { "Idempotency-Key": key });
const registered = answered(await register(ada, "ada"), 201);
equal(registered.headers.get("Location"), `/api/v1/users/${registered.data.id}`);
equal(answered(await register(ada, "ada"), 201).data.id, registered.data.id);
const reused = await register({ ...ada, full_name: "Ada King" }, "ada");
rejected(answered(reused, 409), "/problems/idempotency-key-reused");
rejected(answered(await register(ada, "ada-again"), 409), "/problems/email-taken");
const common = await register({ ...ada, password: "password1234" }, "common");
rejected(answered(common, 409), "/problems/common-password");
const invalid = rejected(answered(await register({ ...ada, email: "ada" }, "invalid"), 422), "about:blank");
equal(present(invalid.errors).map(({ location, pointer }) => [location, pointer]), [["body", "/email"]]);

answered(await api.requestEmailVerification({ email: ada.email }), 202);
const verification = { token: await mailedToken(ada.email, "verify-email", 2) };
answered(await api.verifyEmail(verification), 204);
rejected(answered(await api.verifyEmail(verification), 404), "/problems/token-not-found");

// Sessions
const wrong = await api.login({ email: ada.email, password: "difference engine" });
rejected(answered(wrong, 401), "/problems/invalid-credentials");
rejected(answered(await api.getMe(), 401), "about:blank");
const { refresh_token } = await logIn(ada.email, ada.password);
const first = as(answered(await api.refreshSession({ refresh_token }), 200).data);
const unknown = await api.refreshSession({ refresh_token: "x".repeat(43) });
rejected(answered(unknown, 401), "/problems/invalid-refresh-token");
await logIn(ada.email, ada.password);
const sessions = answered(await api.listSessions(first), 200).data.items;
const second = present(sessions.find((each) => !each.is_current)).id;
answered(await api.revokeSession(second, first), 204);
rejected(answered(await api.revokeSession(second, first), 404), "/problems/session-not-found");

// Passwords
const change = (old_password: string) =>
  api.changePassword({ old_password, new_password: "difference engine" }, first);
rejected(answered(await change("not the password"), 403), "/problems/wrong-password");
answered(await change(ada.password), 204);
answered(await api.logout(first), 204);
answered(await api.requestPasswordReset({ email: ada.email }), 202);
const token = await mailedToken(ada.email, "reset-password");
answered(await api.resetPassword({ token, new_password: ada.password }), 204);
answered(await api.logoutEverywhere(as(await logIn(ada.email, ada.password))), 204);

// Another address, and back
const mover = as(await logIn(ada.email, ada.password));
const move = { password: ada.password, new_email: "ada@example.org" };
answered(await api.requestEmailChange(move, { "Idempotency-Key": "move" }, mover), 202);
const confirmation = { token: await mailedToken("ada@example.org", "change-email") };
answered(await api.confirmEmailChange(confirmation), 204);
const undo = { token: await mailedToken(ada.email, "undo-email-change") };
answered(await api.undoEmailChange(undo), 204);

// The account's own data
const author = as(await logIn(ada.email, ada.password));
const me = answered(await api.getMe({}, author), 200);
const version = `"${me.data.version}"`;
equal(me.headers.get("ETag"), version);
const unchanged = { "If-None-Match": version };
answered(await api.getMe(unchanged, author), 304);
answered(await api.getUser(me.data.id, unchanged, author), 304);
const rename = () => api.updateUser(me.data.id, { full_name: "Ada King" }, { "If-Match": version }, author);
equal(answered(await rename(), 200).data.display_name, `Ada King (${ada.email})`);
rejected(answered(await rename(), 412), "/problems/version-mismatch");

// Posts
const content = "It can do whatever we know how to order it to perform.";
const write = async (title: string) =>
  answered(await api.createPost({ title, content }, { "Idempotency-Key": title }, author), 201);
const draft = await write("Notes");
equal(draft.data.published_at, null);
const notes = draft.data.id;
equal((await write("Notes")).data.id, notes);
const etag = `"${draft.data.version}"`;
equal(answered(await api.getPost(notes, {}, author), 200).data.title, "Notes");
answered(await api.getPost(notes, { "If-None-Match": etag }, author), 304);
rejected(answered(await api.getPost(notes), 404), "/problems/post-not-found");
const rewrite = (text: string, ifMatch: string) =>
  api.updatePost(notes, { content: text }, { "If-Match": ifMatch }, author);
equal(answered(await rewrite("It originates nothing.", etag), 200).data.content, "It originates nothing.");
rejected(answered(await rewrite("x".repeat(300_000), "*"), 413), "about:blank");
equal(answered(await api.publishPost(notes, author), 200).data.is_published, true);
equal(answered(await api.unpublishPost(notes, author), 200).data.is_published, false);
answered(await api.publishPost(notes, author), 200);
const more = (await write("More")).data.id;
answered(await api.publishPost(more, author), 200);
const page = answered(await api.listPosts({ limit: 1 }), 200).data;
const rest = answered(await api.listPosts({ limit: 1, cursor: present(page.next_cursor) }), 200).data;
equal([...page.items, ...rest.items].map(({ title }) => title), ["More", "Notes"]);
rejected(answered(await api.listPosts({ cursor: "bm90LWEtY3Vyc29y" }), 404), "/problems/cursor-not-found");
equal(answered(await api.listUserPosts(me.data.id), 200).data.items.length, 2);
answered(await api.deletePost(more, { "If-Match": "*" }, author), 204);

// Administration
const root = await logIn(admin.email, admin.password);
const office = as(root);
const grace: api.UserCreation = {
  email: "grace@example.com",
  password: "nanoseconds of wire",
  full_name: "Grace Hopper",
  role: "moderator",
};
const created = answered(await api.createUser(grace, { "Idempotency-Key": "grace" }, office), 201).data;
equal(answered(await api.getUser(created.id, {}, office), 200).data.role, "moderator");
rejected(answered(await api.getUser(unknownId, {}, office), 404), "/problems/user-not-found");
const filter = { role: "moderator", is_active: true, sort: "-full_name", q: "grace", size: 5 } as const;
equal(answered(await api.listUsers(filter, office), 200).data.total, 1);
rejected(answered(await api.listUsers({}, author), 403), "about:blank");
const demoted = await api.updateUser(root.user.id, { role: "user" }, { "If-Match": "*" }, office);
rejected(answered(demoted, 409), "/problems/last-admin");

// Moderation
const moderator = as(await logIn(grace.email, grace.password));
const hidden = await api.hidePost(notes, { reason: "Advertising." }, moderator);
equal(answered(hidden, 200).data.hidden_reason, "Advertising.");
equal(answered(await api.unhidePost(notes, moderator), 200).data.hidden_reason, null);

// Notifications and the audit trail
const welcome = { subject: "Welcome", body: "Good to have you here." };
const queued = await api.notifyUser(created.id, welcome, { "Idempotency-Key": "welcome" }, office);
const notification = await api.getNotification(answered(queued, 202).data.id, office);
equal(answered(notification, 200).data.subject, "Welcome");
rejected(answered(await api.getNotification(unknownId, office), 404), "/problems/notification-not-found");
const events = answered(await api.listAuditEvents({ action: "post_hidden" }, office), 200).data;
equal(events.items.map(({ subject_id }) => subject_id), [notes]);

// The end: the account is deleted, and a quota spent
answered(await api.deleteMe({ password: ada.password, posts: "delete" }, author), 204);
const guess = () => api.login({ email: grace.email, password: "no idea" });
let answer = await guess();
while (answer.status === 401) answer = await guess();
rejected(answered(answer, 429), "/problems/too-many-requests");
equal(Number(answer.headers.get("Retry-After")) > 0, true);
