// Every operation and every problem through the client that `redocly generate-client` writes.
import {
  createClient,
  type UserCreation,
  OPERATIONS,
  type Ops,
  type Problem,
  type Registration,
  type Result,
  type Tokens,
} from "./client";
import { admin, base, equal, mailedToken, missing, present, unknownId } from "./support";

const connect = (bearer?: string) =>
  createClient<Ops>(OPERATIONS, { serverUrl: base, errorMode: "result", auth: { bearer } });

const anonymous = connect();

const as = (tokens: Tokens) => connect(tokens.access_token);

const logIn = async (email: string, password: string) => body(await anonymous.login({ body: { email, password } }));

function body<T>({ data, error, response }: Result<T, Problem>): T & {} {
  return data ?? missing(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
}

function done({ response }: { response: Response }, status: number): void {
  equal([response.url, response.status], [response.url, status]);
}

function rejected<T>({ error, response }: Result<T, Problem>, status: number, type: Problem["type"]): Problem {
  equal([response.url, error?.status, error?.type], [response.url, status, type]);
  return present(error);
}

// The service
equal(body(await anonymous.livez()).status, "ok");
equal(body(await anonymous.readyz()).status, "ok");

// An account
const ada: Registration = { email: "ada@example.com", password: "analytical engine", full_name: "Ada Lovelace" };
const register = (account: Registration, key: string) =>
  anonymous.registerUser({ body: account, headers: { "Idempotency-Key": key } });
const registered = await register(ada, "ada");
equal(registered.response.headers.get("Location"), `/api/v1/users/${body(registered).id}`);
equal(body(await register(ada, "ada")).id, body(registered).id);
rejected(await register({ ...ada, full_name: "Ada King" }, "ada"), 409, "/problems/idempotency-key-reused");
rejected(await register(ada, "ada-again"), 409, "/problems/email-taken");
rejected(await register({ ...ada, password: "password1234" }, "common"), 409, "/problems/common-password");
const invalid = rejected(await register({ ...ada, email: "ada" }, "invalid"), 422, "about:blank");
equal(present(invalid.errors).map(({ location, pointer }) => [location, pointer]), [["body", "/email"]]);

done(await anonymous.requestEmailVerification({ body: { email: ada.email } }), 202);
const verification = { body: { token: await mailedToken(ada.email, "verify-email", 2) } };
done(await anonymous.verifyEmail(verification), 204);
rejected(await anonymous.verifyEmail(verification), 404, "/problems/token-not-found");

// Sessions
const wrong = { body: { email: ada.email, password: "difference engine" } };
rejected(await anonymous.login(wrong), 401, "/problems/invalid-credentials");
rejected(await anonymous.getMe(), 401, "about:blank");
const { refresh_token } = await logIn(ada.email, ada.password);
const first = as(body(await anonymous.refreshSession({ body: { refresh_token } })));
const unknown = { body: { refresh_token: "x".repeat(43) } };
rejected(await anonymous.refreshSession(unknown), 401, "/problems/invalid-refresh-token");
await logIn(ada.email, ada.password);
const sessions = body(await first.listSessions()).items;
const second = { path: { session_id: present(sessions.find((each) => !each.is_current)).id } };
done(await first.revokeSession(second), 204);
rejected(await first.revokeSession(second), 404, "/problems/session-not-found");

// Passwords
const change = (old_password: string) =>
  first.changePassword({ body: { old_password, new_password: "difference engine" } });
rejected(await change("not the password"), 403, "/problems/wrong-password");
done(await change(ada.password), 204);
done(await first.logout(), 204);
done(await anonymous.requestPasswordReset({ body: { email: ada.email } }), 202);
const token = await mailedToken(ada.email, "reset-password");
done(await anonymous.resetPassword({ body: { token, new_password: ada.password } }), 204);
done(await as(await logIn(ada.email, ada.password)).logoutEverywhere(), 204);

// Another address, and back
const mover = as(await logIn(ada.email, ada.password));
const move = { body: { password: ada.password, new_email: "ada@example.org" } };
done(await mover.requestEmailChange({ ...move, headers: { "Idempotency-Key": "move" } }), 202);
const confirmation = { body: { token: await mailedToken("ada@example.org", "change-email") } };
done(await anonymous.confirmEmailChange(confirmation), 204);
const undo = { body: { token: await mailedToken(ada.email, "undo-email-change") } };
done(await anonymous.undoEmailChange(undo), 204);

// The account's own data
const author = as(await logIn(ada.email, ada.password));
const me = await author.getMe();
const path = { user_id: body(me).id };
const version = `"${body(me).version}"`;
equal(me.response.headers.get("ETag"), version);
done(await author.getMe({ headers: { "If-None-Match": version } }), 304);
done(await author.getUser({ path, headers: { "If-None-Match": version } }), 304);
const rename = () => author.updateUser({ path, headers: { "If-Match": version }, body: { full_name: "Ada King" } });
equal(body(await rename()).display_name, `Ada King (${ada.email})`);
rejected(await rename(), 412, "/problems/version-mismatch");

// Posts
const write = (title: string) =>
  author.createPost({
    headers: { "Idempotency-Key": title },
    body: { title, content: "It can do whatever we know how to order it to perform." },
  });
const draft = await write("Notes");
equal(body(draft).published_at, null);
equal(body(await write("Notes")).id, body(draft).id);
const notes = { path: { post_id: body(draft).id } };
const etag = `"${body(draft).version}"`;
equal(body(await author.getPost(notes)).title, "Notes");
done(await author.getPost({ ...notes, headers: { "If-None-Match": etag } }), 304);
rejected(await anonymous.getPost(notes), 404, "/problems/post-not-found");
const rewrite = (content: string, ifMatch: string) =>
  author.updatePost({ ...notes, headers: { "If-Match": ifMatch }, body: { content } });
equal(body(await rewrite("It originates nothing.", etag)).content, "It originates nothing.");
rejected(await rewrite("x".repeat(300_000), "*"), 413, "about:blank");
equal(body(await author.publishPost(notes)).is_published, true);
equal(body(await author.unpublishPost(notes)).is_published, false);
body(await author.publishPost(notes));
const more = { path: { post_id: body(await write("More")).id } };
body(await author.publishPost(more));
const page = body(await anonymous.listPosts({ query: { limit: 1 } }));
const rest = body(await anonymous.listPosts({ query: { limit: 1, cursor: present(page.next_cursor) } }));
equal([...page.items, ...rest.items].map(({ title }) => title), ["More", "Notes"]);
const foreign = { query: { cursor: "bm90LWEtY3Vyc29y" } };
rejected(await anonymous.listPosts(foreign), 404, "/problems/cursor-not-found");
equal(body(await anonymous.listUserPosts({ path })).items.length, 2);
done(await author.deletePost({ ...more, headers: { "If-Match": "*" } }), 204);

// Administration
const root = await logIn(admin.email, admin.password);
const office = as(root);
const grace: UserCreation = {
  email: "grace@example.com",
  password: "nanoseconds of wire",
  full_name: "Grace Hopper",
  role: "moderator",
};
const created = body(await office.createUser({ body: grace, headers: { "Idempotency-Key": "grace" } }));
const graceId = { path: { user_id: created.id } };
equal(body(await office.getUser(graceId)).role, "moderator");
rejected(await office.getUser({ path: { user_id: unknownId } }), 404, "/problems/user-not-found");
const filter = { role: "moderator", is_active: true, sort: "-full_name", q: "grace", size: 5 } as const;
equal(body(await office.listUsers({ query: filter })).total, 1);
rejected(await author.listUsers(), 403, "about:blank");
const self = { path: { user_id: root.user.id }, headers: { "If-Match": "*" } };
rejected(await office.updateUser({ ...self, body: { role: "user" } }), 409, "/problems/last-admin");

// Moderation
const moderator = as(await logIn(grace.email, grace.password));
const hidden = await moderator.hidePost({ ...notes, body: { reason: "Advertising." } });
equal(body(hidden).hidden_reason, "Advertising.");
equal(body(await moderator.unhidePost(notes)).hidden_reason, null);

// Notifications and the audit trail
const welcome = { subject: "Welcome", body: "Good to have you here." };
const queued = await office.notifyUser({ ...graceId, headers: { "Idempotency-Key": "welcome" }, body: welcome });
const notification = { path: { notification_id: body(queued).id } };
equal(body(await office.getNotification(notification)).subject, "Welcome");
const lost = { path: { notification_id: unknownId } };
rejected(await office.getNotification(lost), 404, "/problems/notification-not-found");
const events = body(await office.listAuditEvents({ query: { action: "post_hidden" } }));
equal(events.items.map(({ subject_id }) => subject_id), [notes.path.post_id]);

// The end: the account is deleted, and a quota spent
done(await author.deleteMe({ body: { password: ada.password, posts: "delete" } }), 204);
const guess = () => anonymous.login({ body: { email: grace.email, password: "no idea" } });
let answer = await guess();
while (answer.response.status === 401) answer = await guess();
rejected(answer, 429, "/problems/too-many-requests");
equal(Number(answer.response.headers.get("Retry-After")) > 0, true);
