import { createServer } from 'node:net';
import { test } from 'tap';
import {
  type KeyedCertificate,
  type LeafRequest,
  makeAuthority,
  makeLeaf,
} from '../../../coordinator/agents/issue-certificate.ts';
import {
  type AgentLink,
  actionOrThrow,
  type ConnectOptions,
  connectAgent,
} from '../../../coordinator/agents/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { HostSpec } from '../../../shared/model/pair-spec.ts';
import type { ActionResult } from '../../../shared/protocol/actions.ts';
import { HOTPAIR_VERSION } from '../../../shared/protocol/version.ts';
import { type AgentServerOptions, startAgentServer } from '../../support/agent-server.ts';

const DAY = 86_400_000;
const host: HostSpec = {
  name: 'db1',
  address: '127.0.0.1',
  interface: 'lo',
  ssh: 'root@127.0.0.1',
  ordinal: 1,
};
const CLIENT: LeafRequest = { commonName: 'coordinator', address: null, use: 'client' };
const SERVER: LeafRequest = { commonName: 'db1', address: '127.0.0.1', use: 'server' };

const ours = await makeAuthority();
const theirs = await makeAuthority();
const client = await makeLeaf(ours, CLIENT);
const server = await makeLeaf(ours, SERVER);
const from = (days: number) => new Date(Date.now() + days * DAY);

interface Case {
  readonly client?: KeyedCertificate;
  readonly trusted?: string;
  readonly server?: Partial<AgentServerOptions>;
  readonly options?: Partial<ConnectOptions>;
  readonly port?: number;
}

/** Connects to a server that fits, but for what the case changes; the server lives as long as `use` runs. */
async function withLink(it: Case, use: (link: AgentLink) => Promise<void> | void = () => {}): Promise<void> {
  await using agent = await startAgentServer({ ca: ours.cert, ...server, ...it.server });
  const link = await connectAgent(host, {
    identity: { ca: it.trusted ?? ours.cert, ...(it.client ?? client) },
    port: it.port ?? agent.port,
    deadlineMs: 5000,
    ...it.options,
  });
  await use(link);
  link.close();
  await link.closed;
}

test('a link knows who answers and until when its certificate is good', async (t) => {
  await withLink({ server: { hello: { host: 'db1', bootId: 'b' } } }, (link) => {
    t.match(link.hello, { host: 'db1', version: HOTPAIR_VERSION, bootId: 'b' });
    t.equal(link.host, host);
    t.ok(link.certificateExpiresAt > Date.now() + 800 * DAY);
  });
});

test('certificates that do not fit are refused, with which and why', async (t) => {
  const expired = await makeLeaf(ours, { ...SERVER, notBefore: from(-20), notAfter: from(-1) });
  const early = await makeLeaf(ours, { ...SERVER, notBefore: from(2), notAfter: from(20) });
  const elsewhere = await makeLeaf(ours, { ...SERVER, address: '127.0.0.9' });
  const foreign = await makeLeaf(theirs, SERVER);
  const foreignClient = await makeLeaf(theirs, CLIENT);
  const expiredClient = await makeLeaf(ours, { ...CLIENT, notBefore: from(-20), notAfter: from(-1) });
  const cases: [string, Case, string][] = [
    ['the agent has an expired one', { server: expired }, 'expired'],
    ['the agent has one of the future', { server: early }, 'not-yet-valid'],
    ['the agent has one for another address', { server: elsewhere }, 'wrong-host'],
    ['the agent has one of another authority', { server: foreign }, 'wrong-authority'],
    ['the coordinator has one of another authority', { client: foreignClient }, 'refused-by-agent'],
    ['the coordinator has an expired one', { client: expiredClient }, 'refused-by-agent'],
    ['the coordinator shows none', { client: { cert: '', key: '' } }, 'refused-by-agent'],
  ];
  for (const [name, it, reason] of cases) {
    const error = await withLink(it).catch((thrown: unknown) => thrown);
    t.match(error, { code: 'CERTIFICATE_REJECTED', data: { host: 'db1', reason } }, name);
  }
});

test('nobody there, nobody answering, and a server of another kind are all AGENT_UNREACHABLE', async (t) => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await t.rejects(withLink({ port: 1 }), { code: 'AGENT_UNREACHABLE', data: { network: 'ECONNREFUSED' } });
  await t.rejects(withLink({ port, options: { deadlineMs: 200 } }), { code: 'AGENT_UNREACHABLE' });
  const talkative = createServer((socket) => socket.on('error', () => {}).end('220 mail\r\n'));
  await new Promise<void>((resolve) => talkative.listen(0, '127.0.0.1', resolve));
  t.teardown(() => talkative.close());
  const other = talkative.address();
  await t.rejects(withLink({ port: typeof other === 'object' && other !== null ? other.port : 0 }), {
    code: 'AGENT_UNREACHABLE',
  });
});

test('an agent of another release, another protocol or, where asked for, another build is AGENT_VERSION', async (t) => {
  const wrong = { code: 'AGENT_VERSION', data: { host: 'db1', coordinator: HOTPAIR_VERSION } };
  await t.rejects(withLink({ server: { hello: { version: '0.0.9' } } }), {
    ...wrong,
    data: { ...wrong.data, agent: '0.0.9' },
  });
  await t.rejects(withLink({ server: { hello: { protocol: 99 } } }), wrong);
  const build = { server: { hello: { version: `${HOTPAIR_VERSION}+aaaaaaaaaaaa` } } };
  await withLink(build, () => void t.pass('another build of the same release is spoken with'));
  await t.rejects(withLink({ ...build, options: { version: `${HOTPAIR_VERSION}+bbbbbbbbbbbb` } }), {
    code: 'AGENT_VERSION',
    data: { agent: `${HOTPAIR_VERSION}+aaaaaaaaaaaa`, coordinator: `${HOTPAIR_VERSION}+bbbbbbbbbbbb` },
  });
});

test('connecting can be cancelled, before and in the middle', async (t) => {
  await t.rejects(withLink({ options: { signal: AbortSignal.abort() } }), { code: 'CANCELLED' });
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  const controller = new AbortController();
  silent.on('connection', () => controller.abort());
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await t.rejects(withLink({ port, options: { signal: controller.signal } }), { code: 'CANCELLED' });
});

test('an action goes out with its mode, key and deadline; progress and a failed outcome come back as data', async (t) => {
  const failed: ActionResult = {
    action: 'file-absent',
    outcome: 'failed',
    changes: [],
    facts: null,
    durationMs: 1,
    error: { code: 'PATH_REFUSED', message: '/etc/passwd is not a path of hotpair.', data: { path: '/etc' } },
  };
  const calls: unknown[] = [];
  const handler: AgentServerOptions['handler'] = async (method, params, context) => {
    calls.push({ method, params, deadlineMs: context.deadlineMs });
    context.progress('looking');
    return failed;
  };
  await withLink({ server: { handler } }, async (link) => {
    const progress: string[] = [];
    const result = await link.action(
      'file-absent',
      'plan',
      { path: '/etc/passwd' },
      { key: 'k', deadlineMs: 1234, onProgress: (message) => progress.push(message) },
    );
    t.same(result, failed);
    t.same(progress, ['looking']);
    const params = { name: 'file-absent', mode: 'plan', params: { path: '/etc/passwd' }, deadlineMs: 1234 };
    t.same(calls, [{ method: 'action', params: { ...params, key: 'k' }, deadlineMs: 1234 }]);
    await t.rejects(actionOrThrow(link, 'file-absent', { path: '/etc/passwd' }), {
      code: 'PATH_REFUSED',
      message: 'db1: /etc/passwd is not a path of hotpair.',
      data: { host: 'db1', action: 'file-absent', path: '/etc' },
    });
  });
});

test('a call that is running when the connection ends is CONNECTION_LOST', async (t) => {
  const handler: AgentServerOptions['handler'] = () => new Promise(() => {});
  await using agent = await startAgentServer({ ca: ours.cert, ...server, handler });
  const link = await connectAgent(host, {
    identity: { ca: ours.cert, ...client },
    port: agent.port,
    deadlineMs: 5000,
  });
  const call = link.call('health', {}, { deadlineMs: 5000 });
  agent.peers[0]?.close();
  await t.rejects(call, AppError);
  await t.rejects(call, { code: 'CONNECTION_LOST' });
  await link.closed;
});
