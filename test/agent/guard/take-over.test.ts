// A pair that goes from one coordinator to another with an authority of its own: real guards' links and both witnesses, on
// loopback. Never are two witnesses heard, and the guards never lose each other.
import { X509Certificate } from 'node:crypto';
import { test } from 'tap';
import type { VoterIdentity } from '../../../agent/guard/voter-links/identity.ts';
import { certificatesIn, withoutFormer } from '../../../agent/guard/voter-links/identity.ts';
import { type GateMemory, WitnessGate } from '../../../agent/guard/voter-links/witness-gate.ts';
import type { NodeId } from '../../../shared/pair/weights.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { freePort } from '../../support/cuttable-line.ts';
import {
  beat,
  type Guard,
  type Identities,
  makeGuard,
  makeIdentities,
  makeWitness,
} from '../../support/voters.ts';

const former = await makeIdentities();
const ours = await makeIdentities();
const certificate = ({ cert }: { readonly cert: string }): X509Certificate => new X509Certificate(cert);
const fingerprint = ({ ca }: Identities): string => new X509Certificate(ca).fingerprint256;
const both = ours.ca + former.ca;

/** As enrolment leaves it on a host at each stage. */
const stages = {
  before: (node: NodeId): VoterIdentity => ({ ca: former.ca, ...former[node] }),
  told: (node: NodeId): VoterIdentity => ({ ca: both, ...former[node] }),
  taken: (node: NodeId): VoterIdentity => ({ ca: both, ...ours[node] }),
};

function memoryOf(written: string | null): GateMemory & { written: string | null } {
  return {
    written,
    read() {
      return this.written;
    },
    write(fingerprint) {
      this.written = fingerprint;
    },
  };
}

const until = (what: string, holds: () => boolean): Promise<true> =>
  waitFor(what, () => (holds() ? true : undefined), { deadlineMs: 10_000, intervalMs: 5 });

test('the gate: one authority at a time, and the next one only when the other guard is of it', (t) => {
  const [of, next] = [fingerprint(former), fingerprint(ours)];
  const memory = memoryOf(null);
  const gate = new WitnessGate(stages.before('A'), memory);
  t.equal(memory.written, of, 'a host that never had another authority waits for nobody');
  t.equal(gate.refuses(certificate(former.W)), null);
  t.match(gate.refuses(certificate(ours.W)), /another coordinator/);
  gate.change(stages.told('A'));
  t.equal(gate.refuses(certificate(former.W)), null, 'who is to come changes nothing yet');
  t.notOk(gate.peerShowed(certificate(ours.B)), 'nor does the other guard');

  gate.change(stages.taken('A'));
  t.equal(memory.written, '', 'taken back before anything is shown');
  t.match(gate.refuses(certificate(former.W)), /another coordinator/);
  t.match(gate.refuses(certificate(ours.W)), /when the other host/);
  t.notOk(gate.peerShowed(certificate(former.B)));
  for (const stage of [stages.taken('A'), { ...stages.taken('A'), ca: ours.ca }]) {
    const again = new WitnessGate(stage, memoryOf(''));
    t.match(again.refuses(certificate(ours.W)), /when the other host/, 'also after a restart');
  }
  t.match(
    new WitnessGate(stages.taken('A'), memoryOf(of)).refuses(certificate(ours.W)),
    /when the other host/,
    'nor by what was written of the former one',
  );
  t.match(
    new WitnessGate(stages.taken('A'), memoryOf(null)).refuses(certificate(ours.W)),
    /when the other host/,
    'nor where nothing was written and there has been another one',
  );

  t.ok(gate.peerShowed(certificate(ours.B)));
  t.equal(memory.written, next);
  t.equal(gate.refuses(certificate(ours.W)), null);
  t.equal(new WitnessGate(stages.taken('A'), memory).refuses(certificate(ours.W)), null, 'for good');
  gate.change(stages.before('A'));
  t.match(gate.refuses(certificate(former.W)), /when the other host/, 'and the way back is the same');
  t.end();
});

test('what cannot be written down is not shown', (t) => {
  const memory = memoryOf(null);
  const gate = new WitnessGate(stages.before('A'), memory);
  memory.write = () => {
    throw new Error('no room');
  };
  t.throws(() => gate.change(stages.taken('A')), /no room/);
  t.equal(gate.refuses(certificate(former.W)), null);
  t.match(gate.refuses(certificate(ours.W)), /another coordinator/);
  t.end();
});

test('authorities before the own one are to come, those after it were', (t) => {
  const names = (pem: string): string[] => certificatesIn(pem).map(({ subject }) => subject);
  t.same(names(withoutFormer(stages.told('A'))), names(both));
  t.same(names(withoutFormer(stages.taken('A'))), names(ours.ca));
  t.end();
});

test('a pair is taken over: one witness at a time, and the guards never lose each other', async (t) => {
  const ports = { A: await freePort(), B: await freePort() };
  const memories = { A: memoryOf(null), B: memoryOf(null) };
  const guard = (node: NodeId, identity: VoterIdentity): Guard =>
    makeGuard(node, { own: ports[node], peer: ports[node === 'A' ? 'B' : 'A'] }, former, {
      identity,
      gateMemory: memories[node],
    });
  let a = guard('A', stages.before('A'));
  using b = guard('B', stages.before('B'));
  t.teardown(() => a.links.stop());
  await Promise.all([a.links.start(), b.links.start()]);
  using oldToA = makeWitness('A', ports.A, former);
  using oldToB = makeWitness('B', ports.B, former);
  using newToA = makeWitness('A', ports.A, ours);
  using newToB = makeWitness('B', ports.B, ours);
  const old = { A: oldToA.dialer, B: oldToB.dialer };
  const next = { A: newToA.dialer, B: newToB.dialer };
  for (const dialer of [old.A, old.B, next.A, next.B]) dialer.start();
  const isUp = ({ upSince }: { upSince: number | undefined }): boolean => upSince !== undefined;
  await until(
    'all links',
    () => isUp(old.A) && isUp(old.B) && a.links.up.B !== undefined && b.links.up.A !== undefined,
  );

  let lost = 0;
  let twice = 0;
  let sent = 0;
  const watch = setInterval(() => {
    if (!a.links.send('B', beat(++sent)) || !b.links.send('A', beat(sent))) lost += 1;
    if ((isUp(old.A) || isUp(old.B)) && (isUp(next.A) || isUp(next.B))) twice += 1;
  }, 2);
  t.teardown(() => clearInterval(watch));
  const refused = (pattern: RegExp, { lines }: Guard): boolean =>
    lines.some(({ reason = '' }) => pattern.test(reason));

  a.links.renew(stages.told('A'));
  b.links.renew(stages.told('B'));
  t.ok(isUp(old.A) && isUp(old.B), 'who is to come changes nothing yet');

  a.links.renew(stages.taken('A'));
  t.equal(a.links.up.W, undefined, 'the former witness is sent away at once');
  t.ok(isUp(old.B), 'the other guard hears it still');
  await until('the new one to be refused', () => refused(/when the other host/, a));
  t.ok(b.links.send('A', beat(0)) && a.links.send('B', beat(0)));
  clearInterval(watch);
  t.equal(lost, 0, `the guards heard each other all the time (${sent} looks)`);

  // Its guard is killed half way: it comes back with what is written.
  a.links.stop();
  a = guard('A', stages.taken('A'));
  await a.links.start();
  await until(
    'the guards to have each other',
    () => a.links.up.B !== undefined && b.links.up.A !== undefined,
  );
  t.equal(a.links.up.W, undefined);
  const watchOn = setInterval(() => {
    if ((isUp(old.A) || isUp(old.B)) && (isUp(next.A) || isUp(next.B))) twice += 1;
  }, 2);
  t.teardown(() => clearInterval(watchOn));

  b.links.renew(stages.taken('B'));
  await until('the new witness', () => isUp(next.A) && isUp(next.B));
  t.ok(a.links.up.W !== undefined && b.links.up.W !== undefined);
  t.equal(twice, 0, 'never were two witnesses heard');
  t.same([memories.A.written, memories.B.written], [fingerprint(ours), fingerprint(ours)]);
  await until('the former one to be refused', () => !isUp(old.A) && !isUp(old.B));

  // And the former authority is none any more: who comes with a host's certificate of it is nobody.
  a.links.stop();
  a = guard('A', stages.before('A'));
  await a.links.start();
  await until('the loss', () => b.links.up.A === undefined);
  await until('a refusal', () => a.lines.some(({ reason = '' }) => /alert|certificate/i.test(reason)));
  t.equal(b.links.up.A, undefined);
});
