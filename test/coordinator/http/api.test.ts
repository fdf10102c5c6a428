import { test } from 'tap';
import { isKnownRoute } from '../../../coordinator/http/known-routes.ts';
import { AuditVerdictSchema } from '../../../shared/api/administration.ts';
import type { Job } from '../../../shared/api/jobs.ts';
import { ProblemSchema } from '../../../shared/api/problem.ts';
import { ROUTES, type RouteName, type RouteSpec } from '../../../shared/api/routes.ts';
import { fits } from '../../../shared/protocol/decode.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { ROLES, type ServedApi, serveApi } from '../../support/serve-api.ts';

const ROUTE_LIST = Object.entries<RouteSpec>(ROUTES) as [RouteName, RouteSpec][];

/** The path with parameters of things that there are, and of jobs that there are not, so that nothing runs. */
function pathOf({ path }: RouteSpec, values: Readonly<Record<string, string>> = {}): string {
  const known: Readonly<Record<string, string>> = {
    pair: 'orders',
    event: '1',
    run: '1',
    job: '999',
    ...values,
  };
  return path.replaceAll(/:([a-z]+)/g, (_all, name: string) => known[name] ?? 'none');
}

test('every route lets in the roles that the table says, and nobody else', async (t) => {
  const api = await serveApi(t);
  // No pair of this name: what is let in ends there.
  const nowhere = { pair: 'nowhere' };
  for (const [name, spec] of ROUTE_LIST) {
    const ask = (role: 'viewer' | 'operator' | 'admin' | null) =>
      api.ask(pathOf(spec, nowhere), { method: spec.method, role });
    const nobody = await ask(null);
    if (spec.role === 'anyone') {
      t.equal(nobody.status, 200, name);
      continue;
    }
    t.equal(nobody.status, 401, `${name} without a token`);
    t.match(nobody.json, { code: 'UNAUTHENTICATED', status: 401 });
    t.equal(nobody.headers.get('www-authenticate'), 'Bearer');
    for (const role of ROLES) {
      const { status } = await ask(role);
      const allowed = ROLES.indexOf(role) >= ROLES.indexOf(spec.role);
      t.equal(status === 403, !allowed, `${name} as ${role}: ${status}`);
      t.ok(status !== 401 && status < 500, `${name} as ${role}: ${status}`);
    }
  }
});

test('a route that the table does not know cannot be there', async (t) => {
  for (const [, { method, path }] of ROUTE_LIST) t.ok(isKnownRoute(method, path), `${method} ${path}`);
  for (const path of ['/', '/docs', '/docs/static/index.css', '/console/main.js', '/v1/live'])
    t.ok(isKnownRoute('GET', path), path);
  for (const [method, path] of [
    ...[['POST', '/v1/pairs'] as const, ['GET', '/v1/secrets'] as const, ['POST', '/docs'] as const],
    ...[['GET', '/docsx'] as const, ['DELETE', '/v1/live'] as const, ['GET', '/*'] as const],
  ])
    t.notOk(isKnownRoute(method, path), `${method} ${path}`);
});

test('a token that is made up, revoked or over does not count', async (t) => {
  const { ask, store, tokens } = await serveApi(t);
  const status = async (token: string): Promise<number> =>
    (await ask('/v1/me', { role: null, headers: { authorization: `Bearer ${token}` } })).status;
  t.equal(await status(tokens.viewer), 200);
  t.match((await ask('/v1/me', { role: 'operator' })).json, { name: 'otto', role: 'operator' });
  const last = tokens.viewer.at(-1) === 'A' ? 'B' : 'A';
  t.equal(await status(tokens.viewer.slice(0, -1) + last), 401, 'one letter is another one');
  t.equal(await status(tokens.viewer.replace(/^hp1_/, 'hp2_')), 401, 'the secret of another one');
  t.equal(await status('hp1_'), 401);
  t.equal(await status(store.tokens.create('late', 'admin', Date.now() - 1)), 401, 'expired');
  store.tokens.revoke('vera');
  t.equal(await status(tokens.viewer), 401, 'revoked, at once');
  t.throws(() => store.tokens.revoke('vera'), { code: 'NOT_FOUND' });
  t.throws(() => store.tokens.create('anna', 'viewer', null), { code: 'REFUSED' });
});

test('every answer is what its schema says, and every refusal is a problem', async (t) => {
  const api = await serveApi(t);
  const run = api.store.runs.begin('deploy', 'orders');
  api.store.runs.step(run, { step: 'packages', outcome: 'done', changes: 2, durationMs: 5, message: 'ok' });
  api.store.runs.end(run, 'ok', 2);
  const { id } = (await api.ask('/v1/pairs/orders/plan', { method: 'POST' })).json as Job;
  await ended(api, id);
  const move = api.store.events.append({
    ...{ pair: 'orders', host: 'db2', kind: 'VipMoved', message: 'moved' },
    data: { from: 'db1', to: 'db2', gapMs: 400 },
  });
  const values = { run: String(run), job: id, event: String(move.id) };
  for (const [name, spec] of ROUTE_LIST.filter(([, { method }]) => method === 'GET')) {
    if (name === 'report') continue;
    const answer = await api.ask(pathOf(spec, values));
    t.equal(answer.status, 200, name);
    if (spec.produces === undefined) t.ok(fits(spec.result, answer.json), name);
    else t.ok(answer.text.length > 0, name);
    t.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  }
  for (const path of [
    '/v1/nothing',
    '/v1/pairs/nowhere',
    '/v1/runs/999',
    '/v1/jobs/999',
    '/v1/reports/none',
  ]) {
    const answer = await api.ask(path);
    t.equal(answer.status, 404, path);
    t.ok(fits(ProblemSchema, answer.json), path);
    t.match(answer.headers.get('content-type'), 'application/problem+json');
  }
  t.equal((await api.ask('/v1/pairs/orders/events?limit=0')).status, 400);
  t.equal((await api.ask('/v1/pairs/orders/events?kind=Nothing')).status, 400);
  t.equal((await api.ask('/v1/pairs/orders/events?more=1')).status, 400, 'what nobody knows is no filter');
  t.equal((await api.ask('/v1/pairs/%E0%A4%A')).status, 400, 'no address at all');
  const large = { method: 'POST', body: { to: 'x'.repeat(70_000) } };
  t.equal((await api.ask('/v1/pairs/orders/switchover', large)).status, 413);
});

async function ended(api: ServedApi, id: string): Promise<Job> {
  return await waitFor(
    `job ${id} to end`,
    async () => {
      const job = (await api.ask(`/v1/jobs/${id}`)).json as Job;
      return job.state === 'running' ? undefined : job;
    },
    { deadlineMs: 20_000 },
  );
}

test('a command is a dry run unless it says otherwise, and the same key is the same job', async (t) => {
  const api = await serveApi(t);
  const { makeHeartbeat, makeVoting } = await import('../../support/make-heartbeat.ts');
  const guard = (phase: string) => ({
    voting: makeVoting(phase === 'PRIMARY_SYNC', { phase, promotable: phase !== 'STANDBY_CATCHUP' }),
  });
  api.agents.say('db1', (time) => makeHeartbeat('db1', { time, guard: guard('PRIMARY_SYNC') }));
  api.agents.say('db2', (time) => makeHeartbeat('db2', { time, guard: guard('STANDBY_READY') }));
  const post = (body: unknown, key?: string) =>
    api.ask('/v1/pairs/orders/maintenance', {
      ...{ method: 'POST', body, role: 'operator' },
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
  const dry = await post({ host: 'db2', on: true });
  t.equal(dry.status, 202);
  t.match(dry.headers.get('location'), /^\/v1\/jobs\/\d+$/);
  t.match(await ended(api, (dry.json as Job).id), {
    ...{ dryRun: true, state: 'succeeded', actor: 'otto', question: /Leave db2 to the operator/ },
  });
  t.notMatch(api.agents.called, ['db2 maintenance'], 'nothing was asked of the guard');
  const refused = await post({ host: 'db1', on: true });
  t.match(await ended(api, (refused.json as Job).id), {
    ...{ state: 'refused', problem: { code: 'REFUSED', detail: /db1 is the primary.*switch over first/ } },
  });
  const over = await api.ask('/v1/pairs/orders/switchover', { method: 'POST' });
  t.match(await ended(api, (over.json as Job).id), {
    ...{ state: 'succeeded', question: /Make db2 the primary of orders in place of db1/ },
    result: { from: 'db1', to: 'db2', checks: Array.from({ length: 5 }, () => ({ ok: true })) },
  });
  api.agents.say('db2', (time) => makeHeartbeat('db2', { time, guard: guard('STANDBY_CATCHUP') }));
  const early = await api.ask('/v1/pairs/orders/switchover', { method: 'POST', body: { dryRun: false } });
  t.match(await ended(api, (early.json as Job).id), {
    ...{ state: 'refused', problem: { detail: /not so: db2 could take over/ } },
  });
  api.agents.obey('db2', () => ({ accepted: true, text: 'db2 is left to you.' }));
  const once = await post({ host: 'db2', on: true, dryRun: false }, 'k1');
  const job = await ended(api, (once.json as Job).id);
  t.match(job, { dryRun: false, state: 'succeeded', result: { answer: 'db2 is left to you.' } });
  await api.restart();
  const twice = await post({ host: 'db2', on: true, dryRun: false }, 'k1');
  t.equal((twice.json as Job).id, job.id);
  t.equal(twice.headers.get('idempotent-replayed'), 'true');
  const done = (): number => api.agents.called.filter((call) => call === 'db2 maintenance').length;
  t.equal(done(), 1, 'once');
  t.match(await post({ host: 'db2', on: false, dryRun: false }, 'k1'), {
    status: 422,
    json: { code: 'REPLAYED_KEY' },
  });
  const trail = (await api.ask('/v1/audit')).json as { entries: { actor: string; outcome: string }[] };
  t.match(trail.entries.map(({ actor, outcome }) => `${actor} ${outcome}`).reverse(), [
    'otto dry-run',
    'otto succeeded',
    'otto dry-run',
    'otto refused',
    ...['anna dry-run', 'anna succeeded', 'anna accepted', 'anna refused'],
    'otto accepted',
    'otto succeeded',
  ]);
  const verdict = (await api.ask('/v1/audit/verify')).json;
  t.ok(fits(AuditVerdictSchema, verdict));
  t.match(verdict, { ok: true, entries: 10 });
});

test('the progress of a job is followed to its end, and from where it was left', async (t) => {
  const api = await serveApi(t);
  const { id } = (await api.ask('/v1/pairs/orders/report', { method: 'POST' })).json as Job;
  const whole = await api.ask(`/v1/jobs/${id}/progress`);
  t.match(whole.headers.get('content-type'), 'text/event-stream');
  const ids = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq));
  t.ok(ids(whole.text).length > 1);
  t.match(whole.text, /\nevent: done\ndata: \{.*"state":"succeeded"/);
  const rest = await api.ask(`/v1/jobs/${id}/progress`, { headers: { 'last-event-id': '1' } });
  t.same(ids(rest.text), ids(whole.text).slice(1));
});
