// Fastify, spec-first: fastify-openapi-glue, ajv, fast-json-stringify, and node-postgres with prepared statements.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createVerifier } from 'fast-jwt';
import Fastify from 'fastify';
import openapiGlue from 'fastify-openapi-glue';
import pg from 'pg';

const ME = 'select id, email, full_name, role, is_active, created_at, updated_at from users where id = $1';
const FEED =
  'select id, title, content, is_published, author_id, created_at, updated_at from posts ' +
  'where is_published order by created_at desc, id desc limit $1';
const CREATE =
  'insert into posts (id, title, content, is_published, author_id) values ($1, $2, $3, $4, $5) ' +
  'returning id, title, content, is_published, author_id, created_at, updated_at';

const { BENCH_DATABASE, BENCH_HOST, BENCH_SECRET, PORT } = process.env;
const pool = new pg.Pool({ host: BENCH_HOST, user: 'postgres', database: BENCH_DATABASE, max: 10 });
const verify = createVerifier({ key: BENCH_SECRET, algorithms: ['HS256'], cache: false });
const query = (name, text, values) => pool.query({ name, text, values });

const serviceHandlers = {
  async health() {
    return { status: 'ok' };
  },
  async me({ user }) {
    return { ...user, display_name: `${user.full_name} (${user.email})` };
  },
  async feed(request) {
    return { items: (await query('feed', FEED, [request.query.limit])).rows };
  },
  async create({ body, user }, reply) {
    reply.code(201);
    const values = [randomUUID(), body.title, body.content, body.is_published, user.id];
    return (await query('create', CREATE, values)).rows[0];
  },
};

const securityHandlers = {
  async bearer(request) {
    const token = verify(request.headers.authorization.slice('Bearer '.length));
    const { rows } = await query('me', ME, [token.sub]);
    if (!rows[0]?.is_active) throw new Error('unknown or deactivated');
    request.user = rows[0];
  },
};

const specification = JSON.parse(readFileSync(new URL('openapi.json', import.meta.url)));
const app = Fastify();
app.register(openapiGlue, { specification, serviceHandlers, securityHandlers });
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
