import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import {
  claimPair,
  closeFleet,
  ensureAgents,
  openFleet,
  reachAgents,
} from '../../../coordinator/agents/fleet.ts';
import { makeLeaf } from '../../../coordinator/agents/issue-certificate.ts';
import { loadOrCreatePki } from '../../../coordinator/agents/pki.ts';
import { wantedBuild } from '../../../coordinator/agents/version.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { HostSpec, HotpairSpec, PairSpec } from '../../../shared/model/pair-spec.ts';
import { STORE_DEFAULTS } from '../../../shared/model/store-file.ts';
import { type AgentServer, type AgentServerOptions, startAgentServer } from '../../support/agent-server.ts';

const hostSpec = (ordinal: 1 | 2): HostSpec => ({
  name: `db${ordinal}`,
  address: `127.0.0.${ordinal}`,
  interface: 'lo',
  ssh: `root@127.0.0.${ordinal}`,
  ordinal,
});

const pair: PairSpec = {
  name: 'orders',
  vip: '127.0.0.10',
  vipPrefix: 8,
  hosts: [hostSpec(1), hostSpec(2)],
  database: { flavor: 'mariadb', port: 3306, settings: {}, application: null },
  protection: 'availability',
  fence: 'nftables',
  guardPort: 7434,
  vrrp: { virtualRouterId: 51, advertIntervalMs: 50 },
};

interface Rig extends AsyncDisposable {
  readonly spec: HotpairSpec;
  readonly servers: readonly AgentServer[];
}

/** Servers on the loopback addresses of both hosts, at one port, with certificates of a fresh coordinator. */
async function makeRig(
  t: Test,
  hosts: readonly (1 | 2)[],
  options: Partial<AgentServerOptions> = {},
): Promise<Rig> {
  const data = t.testdir();
  const pki = await loadOrCreatePki(data);
  const authority = { cert: pki.ca, key: await readFile(join(data, 'pki/ca.key'), 'utf8') };
  const servers: AgentServer[] = [];
  for (const ordinal of hosts) {
    const { name, address } = hostSpec(ordinal);
    const leaf = await makeLeaf(authority, { commonName: name, address, use: 'server' });
    const port = servers[0]?.port ?? 0;
    const hello = { host: name, ...options.hello };
    servers.push(await startAgentServer({ ca: pki.ca, ...leaf, address, port, ...options, hello }));
  }
  const spec: HotpairSpec = {
    pairs: [pair],
    ...{ reports: null, store: STORE_DEFAULTS },
    coordinator: {
      listen: { host: '127.0.0.1', port: 8080 },
      data,
      agentPort: servers[0]?.port ?? 1,
      // Whatever tries ssh in these tests fails at once.
      sshConfig: '/nonexistent',
      smtp: null,
      tls: null,
    },
  };
  return {
    spec,
    servers,
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}

test('with both agents there, both links come in the order of the file', async (t) => {
  await using rig = await makeRig(t, [1, 2]);
  const links = await openFleet(rig.spec, pair);
  t.same(
    links.map(({ hello, host }) => [hello.host, host.name]),
    [
      ['db1', 'db1'],
      ['db2', 'db2'],
    ],
  );
  closeFleet(links);
  await Promise.all(links.map(({ closed }) => closed));
});

test('with one host down the other is still told; a fleet needs both and lets go of the one it had', async (t) => {
  await using rig = await makeRig(t, [2]);
  const [first, second] = await reachAgents(rig.spec, pair);
  t.match(first.error, { code: 'AGENT_UNREACHABLE', message: /db1/ });
  t.equal(second.link?.hello.host, 'db2');
  second.link?.close();
  await t.rejects(openFleet(rig.spec, pair), { code: 'AGENT_UNREACHABLE' });
  await Promise.all(rig.servers.flatMap(({ peers }) => peers.map(({ closed }) => closed)));
});

test('agents of this build are connected to without ssh; another build needs it', async (t) => {
  const version = await wantedBuild();
  await using right = await makeRig(t, [1, 2], { hello: { version } });
  closeFleet(await ensureAgents(right.spec, pair));
  await using wrong = await makeRig(t, [1, 2], { hello: { version: '0.1.0+000000000000' } });
  const said: string[] = [];
  const ensured = ensureAgents(wrong.spec, pair, {
    onProgress: (host, words) => said.push(`${host}: ${words}`),
  });
  await t.rejects(ensured, { code: 'SSH_FAILED', message: /nonexistent/ });
  t.same(said.toSorted(), [
    `db1: its agent is 0.1.0+000000000000: installing ${version}`,
    `db2: its agent is 0.1.0+000000000000: installing ${version}`,
  ]);
});

test('a pair is claimed on both hosts and given back; a refusal gives back what was taken', async (t) => {
  const calls: string[] = [];
  let busy = '';
  const handler: AgentServerOptions['handler'] = async (method, params) => {
    calls.push(`${method} ${JSON.stringify(params)}`);
    if (method === 'claim' && calls.length === 2 && busy !== '') throw new AppError('PAIR_BUSY', busy);
    return {};
  };
  await using rig = await makeRig(t, [1, 2], { handler });
  const links = await openFleet(rig.spec, pair);
  const release = await claimPair(links, pair, 'deploy by ann');
  const claim = 'claim {"pair":"orders","owner":"deploy by ann"}';
  t.same(calls, [claim, claim]);
  await release();
  await release();
  t.same(calls.slice(2), ['release {"pair":"orders"}', 'release {"pair":"orders"}'], 'once');

  calls.length = 0;
  busy = 'orders is taken by bob.';
  await t.rejects(claimPair(links, pair, 'deploy by ann'), { code: 'PAIR_BUSY', message: busy });
  t.same(calls, [claim, claim, 'release {"pair":"orders"}']);
  closeFleet(links);
});
