import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'tap';
import { loadOrCreateSecrets } from '../../../coordinator/secrets.ts';
import type { Job } from '../../../shared/api/jobs.ts';
import { ROUTES, type RouteSpec } from '../../../shared/api/routes.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { serveApi } from '../../support/serve-api.ts';

const CANARY = 'canary-of-a-secret';

test('no secret is in any answer, metric or job', async (t) => {
  const { agents, ask, store, tokens } = await serveApi(t, {
    change: (spec) => ({
      ...spec,
      reports: {
        ...{ timezone: 'UTC', language: 'en' },
        schedules: [
          {
            ...{ name: null, cron: '0 8 * * *', periodMs: null, language: 'en' },
            to: [{ webhook: `http://127.0.0.1:9/${CANARY}`, format: 'slack' }],
          },
        ],
      },
      coordinator: {
        ...spec.coordinator,
        smtp: {
          host: '127.0.0.1',
          port: 9,
          from: 'a@example.org',
          user: 'u',
          password_file: `/nowhere/${CANARY}`,
        },
      },
    }),
  });
  const [pair] = agents.spec.pairs;
  if (pair === undefined) throw new TypeError('the spec has a pair');
  const secrets = Object.values(await loadOrCreateSecrets(agents.data, pair, async () => null)).filter(
    (value): value is string => typeof value === 'string',
  );
  t.ok(secrets.length >= 2);
  const keys = ['ca.key', 'coordinator.key'].map((name) =>
    readFileSync(join(agents.data, 'pki', name), 'utf8'),
  );
  const hidden = [
    ...[...secrets, ...Object.values(tokens), CANARY],
    ...keys.map((key) => key.split('\n')[1] ?? CANARY),
  ];
  const bodies = { maintenance: { host: 'db2', on: true }, rejoin: { host: 'db1' } } as const;
  const jobs: string[] = [];
  for (const [name, spec] of Object.entries<RouteSpec>(ROUTES).filter(
    ([, { method }]) => method === 'POST',
  )) {
    const body = name in bodies ? bodies[name as keyof typeof bodies] : {};
    const { json } = await ask(spec.path.replace(':pair', 'orders'), { method: 'POST', body });
    jobs.push((json as Job).id);
  }
  const sent = await ask('/v1/pairs/orders/report', { method: 'POST', body: { dryRun: false } });
  jobs.push((sent.json as Job).id);
  await waitFor(
    'all jobs to end',
    async () => {
      const { jobs: all } = (await ask('/v1/jobs')).json as { jobs: Job[] };
      return all.every(({ state }) => state !== 'running') ? true : undefined;
    },
    { deadlineMs: 60_000 },
  );
  const event = String(store.events.list()[0]?.id ?? 1);
  const paths = Object.values<RouteSpec>(ROUTES)
    .filter(({ method }) => method === 'GET')
    .flatMap(({ path }) => {
      const place = path.replace(':pair', 'orders').replace(':event', event).replace(':run', '1');
      return place.includes(':job') ? jobs.map((job) => place.replace(':job', job)) : [place];
    });
  for (const path of [...paths, '/docs', '/v1/nothing']) {
    const { text, headers } = await ask(path);
    const all = `${text} ${JSON.stringify([...headers])}`;
    for (const secret of hidden) if (all.includes(secret)) t.fail(`${path} tells ${secret}`);
  }
  t.pass(`${paths.length} answers`);
});

test('where others reach it the daemon speaks TLS only, with a certificate for its address', async (t) => {
  const address = '127.0.0.5';
  const { url, agents, tokens, restart } = await serveApi(t, {
    listen: address,
  });
  t.match(url, /^https:\/\/127\.0\.0\.5:\d+$/);
  const ca = readFileSync(join(agents.data, 'pki/ca.crt'), 'utf8');
  const certificateOf = (at: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const call = request(
        `${at}/v1/me`,
        { ca, headers: { authorization: `Bearer ${tokens.viewer}` } },
        (answer) => {
          answer.resume();
          t.equal(answer.statusCode, 200, 'trusted by the authority of the coordinator alone');
          const socket = answer.socket as unknown as { getPeerCertificate(): { fingerprint256: string } };
          resolve(socket.getPeerCertificate().fingerprint256);
        },
      );
      call.on('error', reject);
      call.end();
    });
  const first = await certificateOf(url);
  await t.rejects(fetch(url.replace('https', 'http')), 'no plain HTTP');
  t.equal(await certificateOf(await restart()), first, 'the certificate is kept');
});
