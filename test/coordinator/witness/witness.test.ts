import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { makeKeyAndRequest } from '../../../agent/enrolment/make-request.ts';
import { VoterLinks } from '../../../agent/guard/voter-links/voter-links.ts';
import { loadOrCreatePki } from '../../../coordinator/agents/pki.ts';
import type { NewEvent } from '../../../coordinator/store/event-log.ts';
import { LedgerStore } from '../../../coordinator/witness/ledger-store.ts';
import { startWitness, type Witness } from '../../../coordinator/witness/start-witness.ts';
import type { HostSpec, HotpairSpec, PairSpec } from '../../../shared/model/pair-spec.ts';
import { STORE_DEFAULTS } from '../../../shared/model/store-file.ts';
import type { Message } from '../../../shared/pair/effects.ts';
import { parseLedger, renderLedger } from '../../../shared/pair/ledger-file.ts';
import type { VoteRequest } from '../../../shared/pair/messages.ts';
import { firstRecord, type PairRecord } from '../../../shared/pair/record.ts';
import { firstLedger, type Ledger } from '../../../shared/pair/voter.ts';
import { EQUAL_WEIGHTS, NODES, type NodeId, peerOf } from '../../../shared/pair/weights.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { freePort } from '../../support/cuttable-line.ts';
import { readableLog } from '../../support/voters.ts';

const WAIT = { deadlineMs: 10_000, intervalMs: 10 };
const RECORD: PairRecord = { ...firstRecord('A'), epoch: 5, mode: 'sync', weights: EQUAL_WEIGHTS };
const LEDGER = firstLedger(RECORD);

interface Scene {
  readonly data: string;
  readonly events: NewEvent[];
  readonly log: ReturnType<typeof readableLog>;
  readonly heard: Readonly<Record<NodeId, Message[]>>;
  readonly path: string;
  witness(): Witness;
  /** Sends until there is an answer; the newest one. */
  ask(from: NodeId, request: VoteRequest): Promise<Message>;
  say(from: NodeId, request: VoteRequest): boolean;
  kinds(): string[];
}

/** The guards of a pair on two addresses of loopback, enrolled with the authority in `data`. */
async function sceneOf(t: Test): Promise<Scene> {
  const data = t.testdir();
  const port = await freePort();
  const pki = await loadOrCreatePki(data);
  const hosts = [hostOf('db1', '127.0.0.1', 1), hostOf('db2', '127.0.0.2', 2)] as const;
  const heard = { A: [] as Message[], B: [] as Message[] };
  const guards = new Map<NodeId, VoterLinks>();
  for (const own of NODES) {
    const [host, peer] = own === 'A' ? hosts : hosts.toReversed();
    if (host === undefined || peer === undefined) throw new Error('two hosts');
    const { key, request } = await makeKeyAndRequest(host.name);
    const cert = await pki.issueHostCertificate(request, host, 'agent');
    const links = new VoterLinks({
      ...{ pair: 'orders', address: host.address, port, own, log: readableLog().log },
      peer: { address: peer.address, name: peer.name, port },
      identity: { ca: pki.ca, cert, key },
      gateMemory: { read: () => null, write: () => undefined },
      heard: (from, message) => void (from === 'W' && heard[own].push(message)),
      changed: () => undefined,
    });
    await links.start();
    t.teardown(() => links.stop());
    guards.set(own, links);
  }
  const events: NewEvent[] = [];
  const log = readableLog();
  const spec = specOf(data, port - 1, hosts);
  const say = (from: NodeId, request: VoteRequest): boolean =>
    guards.get(from)?.send('W', { kind: 'request', request }) ?? false;
  return {
    ...{ data, events, log, heard, say },
    path: join(data, 'witness/orders.json'),
    witness() {
      const witness = startWitness({ spec, log: log.log, record: (event) => void events.push(event) });
      t.teardown(() => witness.stop());
      return witness;
    },
    async ask(from, request) {
      const count = heard[from].length;
      let sentAt = Number.NEGATIVE_INFINITY;
      const probe = (): Message | undefined => {
        const now = performance.now();
        // On a link that has just ended a message is lost.
        if (now - sentAt > 1000 && say(from, request)) sentAt = now;
        return heard[from].length > count ? heard[from].at(-1) : undefined;
      };
      return waitFor('an answer', probe, WAIT);
    },
    kinds: () => events.map(({ kind }) => kind),
  };
}

const hostOf = (name: string, address: string, ordinal: 1 | 2): HostSpec => ({
  ...{ name, address, ordinal, interface: 'lo', ssh: `root@${address}` },
});

function specOf(data: string, agentPort: number, hosts: PairSpec['hosts']): HotpairSpec {
  const pair: PairSpec = {
    ...{ name: 'orders', vip: '127.0.0.10', vipPrefix: 8, hosts },
    database: { flavor: 'mariadb', port: 3306, settings: {}, application: null },
    protection: 'availability',
    fence: 'nftables',
    guardPort: 7434,
    vrrp: { virtualRouterId: 51, advertIntervalMs: 50 },
  };
  const listen = { host: '127.0.0.1', port: 0 };
  return {
    ...{ pairs: [pair], reports: null, store: STORE_DEFAULTS },
    coordinator: { listen, data, agentPort, sshConfig: null, smtp: null, tls: null },
  };
}

async function keepLedger({ data, path }: Scene, content: string): Promise<void> {
  await mkdir(join(data, 'witness'), { recursive: true });
  await writeFile(path, content);
}

const ledgerOf = async ({ path }: Scene): Promise<Ledger> =>
  parseLedger('orders', await readFile(path, 'utf8'));
const query = (by: NodeId): VoteRequest => ({ kind: 'query', by });
const answer = (fields: object) => ({ kind: 'answer', answer: { from: 'W', ...fields } });

test('it votes by its ledger, is mute at first, and has written down what it answers', async (t) => {
  const scene = await sceneOf(t);
  await keepLedger(scene, renderLedger('orders', LEDGER));
  const first = scene.witness();
  t.match(await scene.ask('A', query('A')), answer({ kind: 'state', record: RECORD }));
  const prepare: VoteRequest = { kind: 'prepare', by: 'B', epoch: 6 };
  t.match(await scene.ask('B', prepare), answer({ kind: 'refused', why: 'mute' }));
  const promised = await waitFor(
    'the promise',
    async () => {
      const said = await scene.ask('B', prepare);
      return said.kind === 'answer' && said.answer.kind === 'promise' ? said : undefined;
    },
    WAIT,
  );
  t.match(promised, answer({ kind: 'promise', epoch: 6, promised: { epoch: 6, by: 'B' } }));
  t.same((await ledgerOf(scene)).promised, { epoch: 6, by: 'B' });
  await waitFor('the event', () => scene.events[1], WAIT);
  t.match(scene.events, [
    { kind: 'WitnessMuted', pair: 'orders', data: { from: null, to: 'started' } },
    { kind: 'WitnessBack', message: /votes on the pair orders, after \d/, data: { epoch: 5 } },
  ]);

  await first.stop();
  scene.witness();
  const outbid: VoteRequest = { kind: 'accept', by: 'A', epoch: 5, record: RECORD };
  t.match(await scene.ask('A', outbid), answer({ kind: 'refused', why: 'outbid' }), 'it keeps its word');
  const record: PairRecord = { ...RECORD, epoch: 6, since: 6, primary: 'B', takenOver: 'crash' };
  t.match(await scene.ask('B', { kind: 'accept', by: 'B', epoch: 6, record }), answer({ kind: 'accepted' }));
  t.same((await ledgerOf(scene)).record, record);
});

test('without a ledger it votes only once the pair has taken it in', async (t) => {
  const scene = await sceneOf(t);
  scene.witness();
  const said = await scene.ask('A', query('A'));
  if (said.kind !== 'forgot') throw new Error(`It answered ${said.kind}.`);
  t.equal((await scene.ask('B', { kind: 'prepare', by: 'B', epoch: 9 })).kind, 'forgot');
  t.same(await readdir(join(scene.data, 'witness')), [], 'nothing is written');
  t.match(scene.events, [{ kind: 'WitnessRecordLost', data: { from: null, to: 'forgot' } }]);

  const stamp = { boot: 1, seq: 1 };
  const forgot = { memory: said.memory, before: 6 };
  const old: VoteRequest = { kind: 'renew', by: 'A', stamp, record: RECORD, forgot };
  t.equal((await scene.ask('A', old)).kind, 'forgot', 'a record that gives it a vote is not enough');
  const record: PairRecord = { ...RECORD, epoch: 7, weights: { A: 1, B: 2, W: 0 } };
  t.match(await scene.ask('A', { ...old, record }), answer({ kind: 'granted', stamp, record }));
  t.same(await ledgerOf(scene), { promised: { epoch: 7, by: 'A' }, record });
  await waitFor('the event', () => scene.events[1], WAIT);
  t.match(scene.events[1], { kind: 'WitnessBack', data: { from: 'forgot', weights: { W: 0 } } });
});

test('a damaged ledger, or one of another pair, is set aside and never voted by', async (t) => {
  for (const content of [
    renderLedger('orders', LEDGER).slice(0, -20),
    renderLedger('billing', LEDGER),
    renderLedger('orders', LEDGER).replace('"epoch":5', '"epoch":4'),
    '',
  ]) {
    const scene = await sceneOf(t);
    await keepLedger(scene, content);
    const witness = scene.witness();
    t.equal((await scene.ask('A', query('A'))).kind, 'forgot');
    t.match(await readdir(join(scene.data, 'witness')), [/^orders\.json\.damaged-/]);
    t.match(scene.events, [{ kind: 'WitnessRecordLost', message: /it is kept as .*damaged-/ }]);
    t.ok(scene.log.lines.some(({ msg, reason }) => /damaged/.test(msg) && reason !== undefined));
    await witness.stop();
  }
});

test('a vote that cannot be written down is not given', async (t) => {
  const scene = await sceneOf(t);
  await keepLedger(scene, renderLedger('orders', LEDGER));
  scene.witness();
  await scene.ask('A', query('A'));
  const folder = join(scene.data, 'witness');
  await rename(folder, `${folder}-away`);
  const prepare: VoteRequest = { kind: 'prepare', by: 'A', epoch: 6 };
  const count = scene.heard.A.length;
  scene.say('A', prepare);
  await waitFor('the event', () => scene.kinds().includes('WitnessMuted') || undefined, WAIT);
  await waitFor('the trouble', () => scene.events.find(({ data }) => data?.['to'] === 'storage'), WAIT);
  t.match(await scene.ask('A', query('A')), answer({ kind: 'state', promised: { epoch: 5 } }));
  t.equal(scene.heard.A.length, count + 1, 'there was no answer but this one');
  await rename(`${folder}-away`, folder);
  t.match(await scene.ask('A', prepare), answer({ kind: 'promise', epoch: 6 }));
  t.same((await ledgerOf(scene)).promised, { epoch: 6, by: 'A' });
  await waitFor('its return', () => scene.kinds().at(-1) === 'WitnessBack' || undefined, WAIT);
});

test('no promise is given against a lease that was granted, unless it was released', async (t) => {
  const scene = await sceneOf(t);
  await keepLedger(scene, renderLedger('orders', LEDGER));
  scene.witness();
  const stamp = { boot: 3, seq: 9 };
  const renew: VoteRequest = { kind: 'renew', by: 'A', stamp, record: RECORD, forgot: null };
  t.match(await scene.ask('A', renew), answer({ kind: 'granted', stamp }));
  const prepare: VoteRequest = { kind: 'prepare', by: peerOf('A'), epoch: 6 };
  t.match(await scene.ask('B', prepare), answer({ kind: 'refused', why: 'lease-fresh' }));
  scene.say('A', { kind: 'release', by: 'A', stamp, handover: null });
  await waitFor(
    'the promise',
    async () => {
      const said = await scene.ask('B', prepare);
      return said.kind === 'answer' && said.answer.kind === 'promise' ? said : undefined;
    },
    WAIT,
  );
  t.pass('the other node may take over');
});

test('a ledger that is set aside while it votes is one that it does not have', async (t) => {
  const scene = await sceneOf(t);
  await keepLedger(scene, renderLedger('orders', LEDGER));
  scene.witness();
  t.match(await scene.ask('A', query('A')), answer({ kind: 'state' }));
  await new LedgerStore(scene.data, 'orders').setAside();
  const forgot = await waitFor(
    'the witness to have forgotten',
    async () => {
      const said = await scene.ask('A', query('A'));
      return said.kind === 'forgot' ? said : undefined;
    },
    WAIT,
  );
  t.ok(forgot.memory > 0);
  t.match(await readdir(join(scene.data, 'witness')), [/^orders\.json\.former-/]);
  await new LedgerStore(scene.data, 'orders').setAside();
});
