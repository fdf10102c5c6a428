/** The fence on real hosts: who gets through to a listener on the port, and when. Judged by packets, not by times. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { netnsArgv } from '../lab/network.ts';
import { run } from '../lab/run.ts';
import type { ProbeCalls } from '../support/fence-probe.ts';
import { needsLab } from '../support/needs-lab.ts';

const PROBE = fileURLToPath(new URL('../support/fence-probe.ts', import.meta.url));
const WAIT = { deadlineMs: 10_000, intervalMs: 20 };
/** How long is listened before it counts as silence; a lost packet is repeated after 200 ms. */
const SILENCE_MS = 600;

class Probe {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(argv: readonly string[]) {
    const [file = '', ...args] = [...argv, process.execPath, PROBE];
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('the probe has no output');
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async call<K extends keyof ProbeCalls>(
    call: K,
    ...[params]: Parameters<ProbeCalls[K]>
  ): Promise<Awaited<ReturnType<ProbeCalls[K]>>> {
    this.#child.stdin?.write(`${JSON.stringify({ call, params: params ?? {} })}\n`);
    const { value } = await this.#answers.next();
    const answer = JSON.parse(value ?? '{"error":"the probe ended"}');
    if (answer.error !== undefined) throw new Error(`${call}: ${answer.error}`);
    return answer.value;
  }

  talk(name: string, say = true, ms = SILENCE_MS): Promise<string> {
    return this.call('talk', { name, say, ms });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

interface Stage {
  readonly lab: Lab;
  readonly place: { readonly vip: string; readonly address: string; readonly peerAddress: string };
  /** A process in the network of a host or station; it ends with the test. */
  probe(name: string): Probe;
  nft(argv: readonly string[], input?: string): Promise<string>;
  /** The addresses that the kernel lets clients in at. */
  lease(): Promise<readonly string[]>;
}

async function setStage(t: Test, lab: Lab): Promise<Stage> {
  const [one, other] = [lab.host('db1'), lab.host('db2')];
  const probes: Probe[] = [];
  t.teardown(() => {
    for (const probe of probes) probe.kill();
  });
  await one.exec(['ip', 'address', 'add', `${lab.vip}/24`, 'dev', 'eth0']);
  const nft = async (argv: readonly string[], input?: string): Promise<string> =>
    (await one.exec(['nft', ...argv], input === undefined ? {} : { input })).stdout;
  return {
    lab,
    place: { vip: lab.vip, address: one.address, peerAddress: other.address },
    probe(name) {
      const probe = new Probe(netnsArgv(lab.prefix, name));
      probes.push(probe);
      return probe;
    },
    nft,
    async lease() {
      const listing = await nft(['list', 'set', 'inet', 'hotpair', 'lease']);
      return [...listing.matchAll(/([\d.]+) timeout/g)].map(([, address = '']) => address).toSorted();
    },
  };
}

function childrenOf({ pid }: Probe): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

const TIMEOUT_MS = 300_000;
tap.setTimeout(2 * TIMEOUT_MS); // The first run on a machine builds the images.

test('the fence of a host', { skip: needsLab(), timeout: TIMEOUT_MS }, async (t) => {
  await using lab = await startLab({ image: 'golden', log: (line) => t.comment(line) });
  const stage = await setStage(t, lab);
  const { place, lease } = stage;
  const { vip, address, peerAddress } = place;
  const [server, client, peer] = [stage.probe('db1'), stage.probe('client'), stage.probe('db2')];
  let owner = stage.probe('db1');
  await Promise.all([server.call('listen'), peer.call('listen')]);
  const reach = (from: Probe, to: string, name = to): Promise<string> =>
    from.call('connect', { name, to, ms: SILENCE_MS });
  /** An opening is not answered: it is awaited in the kernel. */
  const opens = async (ms: number): Promise<void> => {
    await owner.call('open', { ms });
    await waitFor('the lease', async () => ((await lease()).length === 2 ? true : undefined), WAIT);
  };
  const closesByItself = (): Promise<true> =>
    waitFor('the lease to end', async () => ((await lease()).length === 0 ? true : undefined), WAIT);

  await t.test('closed, it lets only the host itself and its peer in', async (t) => {
    t.equal(await owner.call('start', place), false, 'a new fence has no ACK path');
    t.equal(await reach(client, vip), 'silence', 'nobody answers for that address');
    t.equal(await reach(client, address), 'ECONNREFUSED', 'told at once, to look elsewhere');
    t.equal(await reach(peer, vip), 'silence', 'a program on the peer is a client like any other');
    t.equal(await reach(peer, address, 'replica'), 'connected');
    t.equal(await reach(server, '127.0.0.1', 'local'), 'connected');
    t.equal(await reach(server, vip, 'local-vip'), 'connected');
  });

  await t.test('it opens, and closes by itself when nobody keeps it open', async (t) => {
    await opens(5000);
    const connects = async (): Promise<true | undefined> =>
      (await reach(client, vip, 'session')) === 'connected' ? true : undefined;
    await waitFor('the network to find the address', connects, WAIT);
    t.equal(await client.talk('session'), 'echo');
    t.same(await lease(), [vip, address]);
    await closesByItself();
    t.equal(await client.talk('session'), 'silence');
    await owner.call('open', { ms: 5000 });
    t.equal(await client.talk('session', false, 5000), 'echo', 'what was said meanwhile arrives');
    await owner.call('close');
    t.same(await lease(), []);
    t.equal(await client.talk('session'), 'silence');
    t.equal(await reach(client, vip), 'ECONNREFUSED', 'who knows where the address was is told at once');
    await owner.call('open', { ms: -1 });
    t.same(await lease(), [], 'a lease that is past opens nothing');
  });

  await t.test('without a lease nobody here announces the address, past the kernel neither', async (t) => {
    const elsewhere = '02:00:00:00:00:99';
    const inClient = async (...argv: string[]): Promise<string> =>
      (await run([...lab.clientArgv, ...argv])).stdout;
    // Sends as keepalived does, from a socket of the link layer.
    const announce = ['arping', '-U', '-c', '1', '-w', '0.1', '-i', 'eth0', '-S', vip, vip];
    const knows = async (): Promise<string> => {
      await run([...netnsArgv(lab.prefix, 'db1'), ...announce], { check: false });
      return inClient('ip', 'neigh', 'show', vip);
    };
    // A client would else hold on to an address that it has just learned.
    await run([...lab.clientArgv, 'tee', '/proc/sys/net/ipv4/neigh/eth0/locktime'], { input: '0' });
    await inClient('ip', 'neigh', 'replace', vip, 'lladdr', elsewhere, 'nud', 'stale', 'dev', 'eth0');
    t.match(await knows(), elsewhere);
    await owner.call('announce', { ms: 20_000 });
    const here = async (): Promise<true | undefined> =>
      (await knows()).includes(elsewhere) ? undefined : true;
    await waitFor('the announcement to arrive', here, WAIT);
    t.equal(await reach(client, vip), 'ECONNREFUSED', 'who announces lets nobody in yet');
    await opens(20_000);
    t.equal(await reach(client, vip, 'announced'), 'connected');
    await owner.call('close');
  });

  await t.test('kept open ten times a second it loses no packet', async (t) => {
    await opens(2000);
    t.equal(await reach(client, vip, 'steady'), 'connected');
    const held = owner.call('keepOpen', { leaseMs: 650, forMs: 3000 });
    let words = 0;
    let done = false;
    void held.then(() => {
      done = true;
    });
    while (!done) {
      if ((await client.talk('steady')) !== 'echo') break;
      words += 1;
    }
    await held;
    const { stdout } = await run([...lab.clientArgv, 'ss', '-tinH', 'dst', vip]);
    const steady = stdout.split('\n').filter((line) => line.includes(`data_segs_out:${words}`));
    t.equal(steady.length, 1, `${words} words were said`);
    t.notMatch(steady[0] ?? '', /retrans:/);
    await closesByItself();
  });

  await t.test('reads on a standby are let in at its own address only', async (t) => {
    await owner.call('standbyReads', { ms: 5000 });
    await waitFor('the lease', async () => ((await lease()).length === 1 ? true : undefined), WAIT);
    t.same(await lease(), [address]);
    t.equal(await reach(client, address, 'reader'), 'connected');
    t.equal(await reach(client, vip, 'none'), 'ECONNREFUSED');
  });

  await t.test('an owner that dies leaves the lease, the next one takes it over', async (t) => {
    await owner.call('ackPath', { open: true });
    await opens(20_000);
    owner.kill();
    owner = stage.probe('db1');
    t.equal(await owner.call('start', place), true, 'the ACK path is as it was');
    t.same(await lease(), [vip, address]);
    t.equal(await reach(client, vip, 'after'), 'connected');
    await owner.call('closeOnce');
    t.same(await lease(), []);
  });

  await t.test('what nft was told before its host stood still opens nothing afterwards', async (t) => {
    await opens(3000);
    const nft = childrenOf(owner).find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'nft');
    if (nft === undefined) throw new Error('the owner of the fence has no nft');
    process.kill(nft, 'SIGSTOP');
    await owner.call('open', { ms: 60_000 }); // It waits in a pipe.
    owner.kill(); // Nobody is left who could correct it.
    await closesByItself();
    process.kill(nft, 'SIGCONT');
    await waitFor('the end of nft', () => (existsSync(`/proc/${nft}/root`) ? undefined : true), WAIT);
    t.same(await lease(), []);
    owner = stage.probe('db1');
    await owner.call('start', place);
    await opens(20_000);
    await owner.call('close');
  });

  await t.test('the ACK path: a cut resets the connection to the peer and refuses new ones', async (t) => {
    const replica = stage.probe('db1');
    t.equal(await reach(replica, peerAddress, 'io'), 'connected');
    t.equal(await replica.talk('io'), 'echo');
    t.equal(await owner.call('ackPath', { open: false }), false);
    t.equal(await replica.talk('io'), 'closed');
    t.equal(await reach(replica, peerAddress), 'ECONNREFUSED');
    owner.kill();
    owner = stage.probe('db1');
    t.equal(await owner.call('start', place), false, 'the next owner finds it cut');
    t.equal(await reach(replica, peerAddress), 'ECONNREFUSED');
    t.equal(await owner.call('ackPath', { open: true }), true);
    t.equal(await reach(replica, peerAddress, 'io'), 'connected');
    t.equal(await replica.talk('io'), 'echo');
  });

  await t.test('a real loss: clients hear it at once, the peer and the host itself do not', async (t) => {
    await opens(20_000);
    t.equal(await reach(client, vip, 'idle'), 'connected');
    t.equal(await client.talk('idle'), 'echo');
    await owner.call('close');
    await owner.call('resetSessions');
    t.equal(await client.talk('idle', false), 'closed');
    t.equal(await reach(client, vip), 'ECONNREFUSED', 'for a while it also refuses aloud');
    t.equal(await peer.talk('replica'), 'echo');
    t.equal(await server.talk('local'), 'echo');
    t.equal(await server.talk('local-vip'), 'echo');
  });

  await t.test('what the peer has open ends, clients stay, and the peer may connect again', async (t) => {
    await opens(20_000);
    t.equal(await reach(client, address, 'stays'), 'connected');
    t.equal(await peer.talk('replica'), 'echo');
    await owner.call('endStream');
    t.equal(await peer.talk('replica', false), 'closed');
    t.equal(await reach(peer, address, 'replica'), 'connected');
    t.equal(await peer.talk('replica'), 'echo');
    t.equal(await client.talk('stays'), 'echo');
    t.equal(await server.talk('local'), 'echo');
  });

  await t.test('an nft that hangs is replaced', async (t) => {
    await opens(20_000);
    for (const pid of childrenOf(owner)) process.kill(pid, 'SIGSTOP');
    await owner.call('close');
    t.same(await lease(), []);
  });

  await t.test('a fence that somebody took away comes back, closed', async (t) => {
    await stage.nft(['flush', 'ruleset']);
    await waitFor(
      'the table to be back',
      async () => ((await stage.nft(['list', 'ruleset'])).includes('hotpair') ? true : undefined),
      WAIT,
    );
    t.equal(await reach(client, address), 'ECONNREFUSED');
    t.equal(await peer.talk('replica'), 'echo');
    const replica = stage.probe('db1');
    t.equal(await reach(replica, peerAddress), 'connected', 'the ACK path is as it was');
    await stage.nft(['flush', 'ruleset']);
    await owner.call('close');
    t.equal(await reach(client, address), 'ECONNREFUSED', 'who closes a fence that is not there gets one');
  });

  await t.test('a table of another shape is replaced', async (t) => {
    owner.kill();
    const other =
      'delete table inet hotpair\ntable inet hotpair {\nset lease { type ipv4_addr; }\nchain x { drop; }\n}';
    await stage.nft(['-f', '-'], other);
    owner = stage.probe('db1');
    await owner.call('start', place);
    t.notMatch(await stage.nft(['list', 'table', 'inet', 'hotpair']), 'chain x');
    t.equal(await reach(client, address), 'ECONNREFUSED');
    await opens(5000);
    t.equal(await reach(client, address), 'connected');
    owner.kill();
    const remover = stage.probe('db1');
    await remover.call('remove');
    await remover.call('remove');
    t.notMatch(await stage.nft(['list', 'ruleset']), 'hotpair');
  });
});
