import { test } from 'tap';
import {
  ACTION_GROUPS,
  type Decision,
  decide,
  PERMIT_ROWS,
  permitOf,
  TABLES,
} from '../../../agent/guard/decide.ts';
import type { GuardFacts } from '../../../agent/guard/facts.ts';

const BOTH = [false, true] as const;
const DOMAINS = {
  server: ['up', 'hung', 'down'],
  writable: BOTH,
  writes: ['flowing', 'locked', 'stuck'],
  vip: BOTH,
  channel: ['absent', 'stopped', 'connecting', 'streaming', 'refused', 'failed'],
  ready: BOTH,
  standing: ['level', 'ahead', 'behind', 'parted', 'unknown'],
  peer: ['unknown', 'serving', 'standby', 'down', 'silent'],
  way: ['asking', 'taken', 'contested', 'clear'],
  peerStreams: BOTH,
} as const satisfies Partial<{ [K in keyof GuardFacts]: readonly GuardFacts[K][] }>;

/** Facts that each touch one row only; they are varied together, in a second pass. */
const SIDE_DOMAINS = {
  semiSync: BOTH,
  vipOverdue: BOTH,
  keepalived: BOTH,
  peerPromoted: BOTH,
  peerAway: BOTH,
  missed: BOTH,
  yielding: BOTH,
  waitedForPeer: BOTH,
  hungLong: BOTH,
  held: BOTH,
  serveAnyway: BOTH,
  startDue: BOTH,
  channelDue: BOTH,
} as const;

const standby: GuardFacts = {
  server: 'up',
  writable: false,
  writes: 'flowing',
  semiSync: false,
  vip: false,
  vipOverdue: false,
  keepalived: true,
  channel: 'streaming',
  ready: true,
  standing: 'level',
  peer: 'serving',
  way: 'asking',
  peerStreams: false,
  peerPromoted: false,
  peerAway: false,
  missed: false,
  yielding: false,
  waitedForPeer: false,
  hungLong: false,
  held: false,
  serveAnyway: false,
  startDue: true,
  channelDue: true,
  busy: new Set(),
};
const primary: GuardFacts = {
  ...standby,
  writable: true,
  vip: true,
  peer: 'standby',
  standing: 'ahead',
  peerStreams: true,
  semiSync: true,
  way: 'clear',
};

type Domains = Readonly<Record<string, readonly unknown[]>>;

/** Every combination of the values in `domains`, laid over `base`. */
function* combinations(domains: Domains, base: GuardFacts): Generator<GuardFacts> {
  const names = Object.keys(domains);
  const sizes = names.map((name) => domains[name]?.length ?? 1);
  const total = sizes.reduce((product, size) => product * size, 1);
  for (let index = 0; index < total; index += 1) {
    let rest = index;
    const values: Record<string, unknown> = {};
    for (const [position, name] of names.entries()) {
      const size = sizes[position] ?? 1;
      values[name] = domains[name]?.[rest % size];
      rest = Math.floor(rest / size);
    }
    yield { ...base, ...values };
  }
}

function kinds(decision: Decision): string[] {
  return decision.actions.map((action) => ('role' in action ? `${action.kind} ${action.role}` : action.kind));
}

/** The laws that hold for whatever facts; returns the sentence of the first that is broken. */
function brokenLaw(f: GuardFacts, { permit, actions }: Decision): string | undefined {
  const has = (kind: string): boolean => actions.some((action) => action.kind === kind);
  if (permit.permit && f.server !== 'up') return 'permit without a working server';
  if (permit.permit && f.writes === 'stuck') return 'permit without working storage';
  if (has('promote') && !(f.vip && permit.permit)) return 'promotion without address and permit';
  if (has('promote') && f.way !== 'clear') return 'promotion while the peer may be writable';
  if (has('demote') && f.vip) return 'demotion of a host that has the address';
  if (has('start-channel') && f.vip && !f.writable) return 'replication started before the drain';
  if (has('start-channel') && f.held) return 'replication touched during maintenance';
  if (has('start-server') && f.held) return 'held server started';
  if (has('start-server') && f.server !== 'down') return 'running server started';
  if (
    actions.some((a) => a.kind === 'start-server' && a.role === 'slave') &&
    !(f.peer === 'serving' || f.peerPromoted)
  )
    return 'truncating start although the peer was not seen writable';
  if (
    actions.some((a) => a.kind === 'semi-sync' && a.enabled) &&
    !(f.writable && f.vip && f.peerStreams && f.peer === 'standby')
  )
    return 'semi-sync on without a standby that follows';
  if (permit.permit && f.peer === 'serving' && !f.ready && !(f.vip && f.writable))
    return 'permit for a host that is catching up while the peer serves';
  if (
    permit.permit &&
    f.missed &&
    !f.ready &&
    !f.writable &&
    (f.peer === 'down' || f.peer === 'silent') &&
    !f.serveAnyway
  )
    return 'permit for a host that lacks rows of its lost peer';
  if (has('kill-server') && f.server === 'up' && !f.writable) return 'working standby killed';
  if (has('remove-address') && permit.permit) return 'address taken from a permitted host';
  return undefined;
}

test('no combination of facts breaks a law of the pair', (t) => {
  let count = 0;
  const seen = new Set<string>();
  const bases = [
    standby,
    { ...primary, missed: true },
    { ...standby, peerPromoted: true, waitedForPeer: true },
  ];
  const passes = [
    ...bases.map((base) => combinations(DOMAINS, base)),
    ...[standby, primary, { ...standby, vip: true, way: 'clear' as const }].flatMap((base) =>
      (['up', 'hung', 'down'] as const).flatMap((server) =>
        DOMAINS.peer.map((peer) => combinations(SIDE_DOMAINS, { ...base, server, peer, ready: false })),
      ),
    ),
  ];
  for (const pass of passes) {
    for (const facts of pass) {
      count += 1;
      const decision = decide(facts);
      seen.add(decision.permit.id);
      for (const row of decision.rows) seen.add(row.id);
      const broken = brokenLaw(facts, decision);
      if (broken !== undefined) {
        t.fail(broken, {
          facts: { ...facts, busy: [] },
          rows: [decision.permit.id, ...decision.rows.map((r) => r.id)],
        });
        t.end();
        return;
      }
    }
  }
  t.ok(count > 300_000, `${count} combinations`);
  const all = [PERMIT_ROWS, ...TABLES].flat().map((row) => row.id);
  t.same(
    all.filter((id) => !seen.has(id)),
    [],
    'every row is the answer to some facts',
  );
  t.equal(new Set(all).size, all.length, 'row ids are unique');
  t.end();
});

test('nothing is started twice while its group is at work', (t) => {
  for (const facts of combinations({ ...DOMAINS, channel: ['stopped'] }, standby)) {
    for (const action of decide(facts).actions) {
      const again = decide({ ...facts, busy: new Set([ACTION_GROUPS[action.kind]]) });
      if (again.actions.some((other) => ACTION_GROUPS[other.kind] === ACTION_GROUPS[action.kind]))
        t.fail(`${action.kind} although its group is busy`);
    }
  }
  t.end();
});

test('a healthy pair is left alone', (t) => {
  t.same(kinds(decide(standby)), []);
  t.equal(permitOf(standby).id, 'P9');
  t.same(kinds(decide(primary)), []);
  t.equal(permitOf(primary).id, 'P4');
  t.end();
});

test('the standby takes over when the server of the primary dies', (t) => {
  const orphan: GuardFacts = { ...standby, peer: 'down', channel: 'connecting' };
  t.equal(permitOf(orphan).id, 'P13');
  t.same(kinds(decide({ ...orphan, vip: true, way: 'clear' })), ['promote']);
  t.same(kinds(decide({ ...orphan, vip: true, way: 'clear', writable: true, peer: 'standby' })), [
    'stop-channel',
  ]);
  t.end();
});

test('the fallen primary waits for the promotion and comes back as a standby', (t) => {
  const fallen: GuardFacts = { ...primary, server: 'down', peer: 'standby', vip: false };
  t.same(kinds(decide(fallen)), [], 'the peer is given time');
  t.same(kinds(decide({ ...fallen, peer: 'serving' })), ['start-server slave']);
  t.same(kinds(decide({ ...fallen, peer: 'silent', peerPromoted: true })), ['start-server slave']);
  t.same(kinds(decide({ ...fallen, waitedForPeer: true })), ['start-server master'], 'nobody took over');
  t.same(kinds(decide({ ...fallen, peer: 'down' })), ['start-server master'], 'nobody can take over');
  const back: GuardFacts = { ...standby, ready: false, channel: 'stopped', standing: 'behind' };
  t.equal(permitOf(back).id, 'P10');
  t.same(kinds(decide(back)), ['start-channel']);
  t.end();
});

test('a hung server loses the permit, and is killed where it was writable', (t) => {
  t.same(kinds(decide({ ...primary, server: 'hung' })), ['kill-server']);
  t.equal(permitOf({ ...primary, server: 'hung' }).id, 'P1');
  t.same(kinds(decide({ ...standby, server: 'hung' })), []);
  t.same(kinds(decide({ ...standby, server: 'hung', hungLong: true })), ['kill-server']);
  t.same(kinds(decide({ ...primary, writes: 'locked' })), [], 'a backup that holds a lock is no hang');
  t.end();
});

test('after a reboot of both, one that has everything is permitted, one that lacks something is not', (t) => {
  const rebooted: GuardFacts = { ...standby, ready: false, peer: 'standby', channel: 'stopped' };
  t.ok(permitOf({ ...rebooted, standing: 'ahead' }).permit);
  t.ok(permitOf({ ...rebooted, standing: 'level' }).permit);
  t.notOk(permitOf({ ...rebooted, standing: 'behind' }).permit);
  t.same(kinds(decide({ ...rebooted, standing: 'behind' })), ['start-channel']);
  t.same(
    kinds(decide({ ...rebooted, standing: 'ahead' })),
    [],
    'it would be refused by a peer that has less',
  );
  t.end();
});

test('a host alone serves after its patience, unless it knows that it lacks rows', (t) => {
  const alone: GuardFacts = {
    ...standby,
    ready: false,
    peer: 'silent',
    standing: 'unknown',
    channel: 'connecting',
  };
  t.notOk(permitOf(alone).permit);
  t.ok(permitOf({ ...alone, peerAway: true }).permit);
  t.equal(permitOf({ ...alone, peerAway: true, missed: true }).id, 'P15');
  t.equal(permitOf({ ...alone, peerAway: true, missed: true, serveAnyway: true }).id, 'P14');
  t.end();
});

test('an address that comes while the peer is writable is given back', (t) => {
  t.same(
    kinds(decide({ ...standby, vip: true, way: 'taken' })),
    [],
    'the old primary is given time to close',
  );
  t.same(kinds(decide({ ...standby, vip: true, way: 'contested' })), ['yield']);
  t.equal(permitOf({ ...standby, vip: true, yielding: true }).id, 'P8');
  t.same(kinds(decide({ ...primary, vip: false })), ['demote']);
  t.end();
});
