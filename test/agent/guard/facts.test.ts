import { test } from 'tap';
import { CatchUp } from '../../../agent/guard/catch-up.ts';
import type { GuardConfig } from '../../../agent/guard/config.ts';
import { factsOf, type Observation } from '../../../agent/guard/facts.ts';
import { parseGtidPosition } from '../../../agent/guard/gtid.ts';
import { nextReadiness, type ReadinessInput } from '../../../agent/guard/readiness.ts';

const timing: GuardConfig['timing'] = {
  probeMs: 100,
  hangMs: 600,
  writeHangMs: 2000,
  peerSilentMs: 400,
  takeoverWaitMs: 5000,
  aloneMs: 15_000,
};
const NOW = 100_000;

function seen(changes: {
  server?: Partial<Observation['server']>;
  peer?: Partial<Observation['peer']>;
  vip?: Partial<Observation['vip']>;
  rest?: Partial<Omit<Observation, 'server' | 'peer' | 'vip'>>;
}): Observation {
  const position = parseGtidPosition('0-1-10');
  return {
    now: NOW,
    server: {
      state: 'up',
      since: NOW - 60_000,
      writable: false,
      semiSync: false,
      binlogPos: position,
      writeSince: undefined,
      writeLocked: false,
      ...changes.server,
    },
    channel: 'streaming',
    ready: true,
    vip: { present: false, since: NOW - 60_000, ...changes.vip },
    permitSince: NOW - 60_000,
    permit: true,
    keepalived: true,
    peer: {
      state: 'serving',
      since: NOW - 60_000,
      heardAt: NOW - 20,
      waitingSince: undefined,
      streams: false,
      binlogPos: position,
      servingAt: NOW - 20,
      ...changes.peer,
    },
    yieldingUntil: 0,
    held: false,
    serveAnyway: false,
    nextStartAt: 0,
    nextChannelAt: 0,
    startedAt: 0,
    busy: new Set(),
    ...changes.rest,
  };
}

test('the way is clear only when nothing speaks for a writable peer', (t) => {
  const way = (peer: Partial<Observation['peer']>, vipMs = 50) =>
    factsOf(seen({ peer, vip: { present: true, since: NOW - vipMs } }), timing).way;
  t.equal(way({ heardAt: NOW - 60 }), 'asking', 'the last word is from before the arrival');
  t.equal(way({ heardAt: NOW - 10 }), 'taken');
  t.equal(way({ heardAt: NOW - 10 }, 1600), 'contested');
  t.equal(way({ heardAt: NOW - 10, state: 'standby' }), 'clear');
  t.equal(way({ heardAt: NOW - 60, waitingSince: NOW - 55 }), 'asking', 'an answer is still to be expected');
  t.equal(way({ heardAt: NOW - 900, waitingSince: NOW - 300 }), 'clear', 'a living peer had answered by now');
  t.equal(way({ state: 'down' }), 'clear');
  t.equal(way({ state: 'unknown', heardAt: undefined }), 'asking');
  t.end();
});

test('a write that waits is a hang only after its time, and never for a lock', (t) => {
  const writes = (writeSince: number | undefined, writeLocked = false) =>
    factsOf(seen({ server: { writable: true, writeSince, writeLocked } }), timing).writes;
  t.equal(writes(undefined), 'flowing');
  t.equal(writes(NOW - 1999), 'flowing');
  t.equal(writes(NOW - 2000), 'stuck');
  t.equal(writes(NOW - 60_000, true), 'locked');
  t.end();
});

test('a fallen primary waits longer than a fallen standby, and not for a peer that has long been silent', (t) => {
  const waited = (server: Partial<Observation['server']>, peer: Partial<Observation['peer']> = {}) =>
    factsOf(seen({ server: { state: 'down', ...server }, peer }), timing).waitedForPeer;
  t.notOk(waited({ writable: true, since: NOW - 4999 }));
  t.ok(waited({ writable: true, since: NOW - 5000 }));
  t.ok(waited({ since: NOW - 2000 }));
  t.ok(waited({ writable: true, since: NOW - 10 }, { state: 'silent', since: NOW - 6000 }));
  t.notOk(waited({ writable: true, since: NOW - 10 }, { state: 'silent', since: NOW - 300 }));
  t.end();
});

test('promotion of the peer counts only from the fall of this server', (t) => {
  const promoted = (servingAt: number) =>
    factsOf(seen({ server: { state: 'down', since: NOW - 1000 }, peer: { servingAt } }), timing).peerPromoted;
  t.notOk(promoted(NOW - 1001));
  t.ok(promoted(NOW - 900));
  t.end();
});

test('an address without permit is overdue a second after the later of the two', (t) => {
  const overdue = (permitMs: number, vipMs: number, permit = false) =>
    factsOf(
      seen({ vip: { present: true, since: NOW - vipMs }, rest: { permit, permitSince: NOW - permitMs } }),
      timing,
    ).vipOverdue;
  t.ok(overdue(1001, 5000));
  t.notOk(overdue(5000, 900));
  t.notOk(overdue(900, 5000));
  t.notOk(overdue(5000, 5000, true));
  t.end();
});

test('the standing is that of the logs', (t) => {
  const standing = (binlogPos: string | undefined) =>
    factsOf(
      seen({ peer: { binlogPos: binlogPos === undefined ? undefined : parseGtidPosition(binlogPos) } }),
      timing,
    ).standing;
  t.equal(standing(undefined), 'unknown');
  t.equal(standing('0-1-10'), 'level');
  t.equal(standing('0-1-11'), 'behind');
  t.equal(standing('0-1-9'), 'ahead');
  t.equal(standing('0-2-10'), 'parted');
  t.end();
});

const follower: ReadinessInput = {
  now: NOW,
  server: 'up',
  serverSince: NOW - 60_000,
  writable: false,
  vip: false,
  peer: 'serving',
  peerSince: NOW - 60_000,
  peerWaits: true,
  behind: false,
  channel: 'streaming',
  streamedAt: NOW - 100,
  caughtUpAt: NOW - 150,
};

test('a standby becomes ready by following closely, and stops being it by not following', (t) => {
  t.ok(nextReadiness(false, follower));
  t.notOk(nextReadiness(false, { ...follower, caughtUpAt: NOW - 1500 }), 'not yet caught up');
  t.ok(nextReadiness(true, { ...follower, caughtUpAt: NOW - 1500 }), 'a short lag is forgiven');
  t.notOk(nextReadiness(true, { ...follower, caughtUpAt: NOW - 3000 }));
  t.ok(
    nextReadiness(true, { ...follower, channel: 'connecting' }),
    'a lost connection is forgiven for a moment',
  );
  t.notOk(nextReadiness(true, { ...follower, channel: 'connecting', streamedAt: NOW - 501 }));
  t.notOk(nextReadiness(true, { ...follower, streamedAt: undefined }));
  t.notOk(
    nextReadiness(true, { ...follower, peerWaits: false }),
    'the primary acknowledges without this host',
  );
  t.end();
});

test('readiness outlives the peer, but not for long without the address', (t) => {
  const orphan: ReadinessInput = { ...follower, peer: 'down', peerSince: NOW - 100, channel: 'connecting' };
  t.ok(nextReadiness(true, orphan));
  t.ok(nextReadiness(true, { ...follower, peer: 'standby', behind: true }), 'the rest is on its way');
  t.notOk(nextReadiness(true, { ...follower, peer: 'standby', behind: true, streamedAt: NOW - 501 }));
  t.notOk(nextReadiness(false, orphan), 'what was not ready does not become so');
  t.ok(nextReadiness(true, { ...orphan, peerSince: NOW - 60_000, vip: true }));
  t.notOk(nextReadiness(true, { ...orphan, peerSince: NOW - 5000 }), 'the peer is only out of sight');
  t.end();
});

test('a primary is ready, and stays so through a restart that nobody used to take over', (t) => {
  t.ok(nextReadiness(false, { ...follower, writable: true, peer: 'standby' }));
  t.ok(nextReadiness(true, { ...follower, server: 'down', writable: true, peer: 'standby' }));
  t.notOk(nextReadiness(true, { ...follower, server: 'down', writable: true, peer: 'serving' }));
  t.notOk(nextReadiness(true, { ...follower, server: 'down' }), 'received rows do not survive the standby');
  t.end();
});

test('catching up is timed by what the peer had when', (t) => {
  const at = parseGtidPosition;
  const catchUp = new CatchUp();
  t.equal(catchUp.see(at('0-1-5'), undefined, undefined), undefined);
  t.equal(catchUp.see(at('0-1-5'), at('0-1-8'), 100), undefined);
  t.equal(catchUp.see(at('0-1-7'), at('0-1-20'), 200), undefined, 'a later position does not move the goal');
  t.equal(catchUp.see(at('0-1-8'), at('0-1-30'), 300), 100);
  t.equal(catchUp.see(at('0-1-30'), at('0-1-40'), 400), 100);
  t.equal(catchUp.see(at('0-1-40'), at('0-1-40'), 500), 400);
  t.end();
});
