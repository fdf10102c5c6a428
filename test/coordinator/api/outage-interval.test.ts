import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'tap';
import { outageInterval } from '../../../coordinator/api/outage-interval.ts';
import { correctedEvent, outageOf } from '../../../coordinator/api/outages.ts';
import { failoversOf } from '../../../coordinator/report/health.ts';
import type { StoredDecision } from '../../../coordinator/store/decisions.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';
import type { OutageDetail, OutageView } from '../../../shared/api/history.ts';
import type { PairDetail } from '../../../shared/api/pair-view.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { decisionOf } from '../../support/make-decision.ts';
import { makeHeartbeat, makeVoting } from '../../support/make-heartbeat.ts';
import { serveApi } from '../../support/serve-api.ts';

const RECORDED = new URL('../explain/recorded-failover.json', import.meta.url);

const PHASES = { vote: 100, cut: 50, drain: 50, record: 50, open: 20, vip: 130, total: 400 };

/** db1 was seen with the VIP last at 9.0 s, db2 for the first time at 10.9 s, which is told at 11 s. */
const TOLD = { began: { at: 9000, by: 'heartbeat' }, ended: { at: 10_900, by: 'heartbeat' } };

function moved(id: number, wish: Partial<StoredEvent> = {}, told: unknown = TOLD): StoredEvent {
  const message = 'The VIP 10.88.0.10 moved from db1 to db2; nobody had it for at most 1.9 s.';
  const data = {
    from: 'db1',
    to: 'db2',
    gapMs: 1900,
    gapFrom: 'heartbeats',
    began: 9000,
    ended: 10_900,
    told,
  };
  return { id, time: 11_000, pair: 'orders', host: 'db2', kind: 'VipMoved', message, data, ...wish };
}

const promoted = (time: number): StoredEvent => ({
  ...moved(2, { kind: 'RoleChanged', time }),
  data: { from: 'standby', to: 'primary', phases: PHASES },
});

const left = (time: number, row = 'P1'): StoredDecision => ({
  ...{ host: 'db1', time },
  decision: decisionOf(`1-${time}`, { row, from: 'PRIMARY_SYNC', to: 'FENCED' }),
});

/** The takeover of db2 that begins then, as its guard decided it: 270 ms to the opening. */
const taken = (time: number): StoredDecision[] =>
  [0, 100, 150, 200, 250, 270].map((after, index) => ({
    ...{ host: 'db2', time: time + after },
    decision: decisionOf(`2-${time}-${index}`, {
      row: ['S5', 'T5', 'T6', 'T7', 'T8', 'O4'][index] ?? '',
      clock: time + after,
    }),
  }));

const intervalOf = (
  decisions: readonly StoredDecision[],
  events: readonly StoredEvent[] = [promoted(11_000)],
) => outageInterval(moved(1), { events, decisions });

test('both ends come from the decisions where these are there, each for itself', (t) => {
  const guards = { began: 9400, ended: 9900, gapMs: 500, gapFrom: 'guards' };
  t.same(intervalOf([left(9400), ...taken(9500)]), guards);
  t.same(intervalOf(taken(9500)), { began: 9000, ended: 9900, gapMs: 900, gapFrom: 'heartbeats' });
  t.same(intervalOf([left(9400)]), { began: 9400, ended: 10_900, gapMs: 1500, gapFrom: 'heartbeats' });
  t.same(intervalOf([]), { began: 9000, ended: 10_900, gapMs: 1900, gapFrom: 'heartbeats' });
  const opening = taken(9500).slice(0, -1);
  t.match(intervalOf([left(9400), ...opening]), { began: 9400, ended: 10_900 }, 'it did not come to its end');
  t.match(intervalOf(taken(9500), []), { ended: 10_900 }, 'when the address was there is not known');
  t.end();
});

test('a decision is believed only within what heartbeats have seen', (t) => {
  const hour = 3_600_000;
  for (const wrong of [-hour, -2000, hour])
    t.match(
      intervalOf([left(9400 + wrong)]),
      { began: 9000, gapFrom: 'heartbeats' },
      `left, ${wrong} ms off`,
    );
  t.match(intervalOf(taken(9500 + 4000)), { ended: 10_900 }, 'took over, 4 s late');
  t.match(intervalOf(taken(9500 - 4000)), { ended: 10_900 }, 'took over, 4 s early');
  t.match(intervalOf([left(9950), ...taken(9500)]), { began: 9000, ended: 9900 }, 'left after the end');
  const unknown = { from: 'db1', to: 'db2', gapMs: null };
  const unwatched = outageInterval(moved(1, { data: unknown }), { events: [], decisions: [] });
  t.same(unwatched, { began: null, ended: 11_000, gapMs: null, gapFrom: null });
  t.end();
});

test('a recorded failover: the heartbeats knew it to a second, the decisions to the millisecond', (t) => {
  // The file was written by the store itself.
  const history = JSON.parse(readFileSync(RECORDED, 'utf8')) as {
    events: StoredEvent[];
    decisions: StoredDecision[];
  };
  const event = history.events.find(({ kind }) => kind === 'VipMoved');
  const outage = event && outageOf(event, history.events, history.decisions);
  const p1 = history.decisions.find(({ decision }) => decision.row === 'P1');
  t.match(outage, { began: p1?.time, gapMs: 568, gapFrom: 'guards', phases: { total: 440.2 } });
  const corrected = event && outage ? correctedEvent(event, outage) : null;
  t.equal(corrected?.message, 'The VIP 10.88.0.10 moved from db1 to db2; nobody had it for 568 ms.');
  const again = corrected && outageOf(corrected, history.events, history.decisions);
  t.same(again, outage, 'it is the same, told again');
  t.equal(corrected && again && correctedEvent(corrected, again), null);
  t.match(corrected && failoversOf([corrected]), [{ time: outage?.ended, gapMs: 568 }]);
  t.end();
});

test('whatever the clocks of the hosts do, no outage is negative and none overlaps the one before', (t) => {
  const length = fc.integer({ min: 0, max: 4000 });
  const outages = fc.array(fc.record({ pause: length, away: length, late: length }), {
    minLength: 2,
    maxLength: 8,
  });
  const times = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.boolean()), { maxLength: 12 });
  const holds = fc.property(outages, times, (scenes, decided) => {
    let now = 0;
    const events = scenes.flatMap(({ pause, away, late }, index) => {
      const began = { at: now + pause, by: 'heartbeat' };
      const ended = { at: began.at + away, by: 'heartbeat' };
      now = ended.at;
      const time = ended.at + late;
      return [moved(index * 3 + 1, { time }, { began, ended }), { ...promoted(time), id: index * 3 + 2 }];
    });
    const decisions = decided
      .flatMap(([time, mine]) => (mine ? [left(time)] : taken(time)))
      .toSorted((a, b) => a.time - b.time);
    let end = Number.NEGATIVE_INFINITY;
    for (const event of events.filter(({ kind }) => kind === 'VipMoved')) {
      const { began, ended, gapMs } = outageInterval(event, { events, decisions });
      if (began === null || began < end || ended < began || gapMs !== ended - began) return false;
      end = ended;
    }
    return true;
  });
  fc.assert(holds, { numRuns: 300 });
  t.end();
});

test('a decision that comes in later corrects the row, the event and the sum of the pair', async (t) => {
  const { agents, store, ask } = await serveApi(t);
  const now = Date.now();
  const told = { began: { at: now - 2000, by: 'heartbeat' }, ended: { at: now - 100, by: 'guard' } };
  const { id } = store.events.append({
    ...{ pair: 'orders', host: 'db2', kind: 'VipMoved', time: now },
    message: 'The VIP moved from db1 to db2; nobody had it for at most 1.9 s.',
    data: {
      from: 'db1',
      to: 'db2',
      gapMs: 1900,
      gapFrom: 'heartbeats',
      began: now - 2000,
      ended: now - 100,
      told,
    },
  });
  const get = async (path: string): Promise<unknown> => (await ask(`/v1/pairs/orders${path}`)).json;
  const listed = (from: OutageView['gapFrom']): Promise<OutageView> =>
    waitFor(
      `the outage, from ${from}`,
      async () => {
        const { outages } = (await get('/outages')) as { outages: OutageView[] };
        return outages.find(({ gapFrom }) => gapFrom === from);
      },
      { deadlineMs: 20_000 },
    );
  t.match(await listed('heartbeats'), { gapMs: 1900 });
  agents.decided('db1', [
    decisionOf('9-1', { at: now - 700, row: 'P1', from: 'PRIMARY_SYNC', to: 'FENCED' }),
  ]);
  const voting = makeVoting(true, { decision: '9-1' });
  agents.say('db1', (time) => makeHeartbeat('db1', { time, guard: { voting } }));
  const outage = await listed('guards');
  t.ok(outage.gapMs !== null && outage.gapMs < 1900 && outage.began !== null);
  t.equal(outage.gapMs, outage.ended - (outage.began ?? 0));
  const event = store.events.get(id);
  t.match(event?.data, { gapMs: outage.gapMs, began: outage.began, ended: outage.ended });
  t.equal(event?.message, `The VIP moved from db1 to db2; nobody had it for ${outage.gapMs} ms.`);
  const detail = (await get(`/outages/${id}`)) as OutageDetail;
  t.same(detail.outage, outage);
  const pair = (await get('')) as PairDetail;
  t.match(pair.outages, { count: 1, totalMs: outage.gapMs });
  t.equal(pair.lastOutage, outage.ended);
});
