// What the voting guard keeps, tells and measures, without a server.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { Value } from 'typebox/value';
import { nextRun, readDurable, writeDurable } from '../../../agent/guard/durable-file.ts';
import { PromotionClock } from '../../../agent/guard/promotion-clock.ts';
import { roleOf, votingState } from '../../../agent/guard/status.ts';
import { VotingStateSchema } from '../../../shared/model/facts.ts';
import type { Durable } from '../../../shared/pair/effects.ts';
import { PHASES, startNode } from '../../../shared/pair/node-state.ts';
import { firstRecord } from '../../../shared/pair/record.ts';
import { ROWS } from '../../../shared/pair/table.ts';
import { TIMING } from '../../../shared/pair/timing.ts';
import { firstLedger } from '../../../shared/pair/voter.ts';

const DURABLE: Durable = { ledger: firstLedger(firstRecord('A')), servedEpoch: 3, order: null };

test('the vote is found again as it was written, and a damaged one is never taken for none', (t) => {
  const path = join(t.testdir({}), 'state', 'pair.json');
  t.equal(readDurable(path, 'orders'), null, 'a host that never voted');
  writeDurable(path, 'orders', DURABLE);
  t.same(readDurable(path, 'orders'), DURABLE);
  t.throws(() => readDurable(path, 'billing'), { code: 'CONFIG_INVALID' }, 'the vote of another pair');
  for (const damage of ['', '{"version":1', 'null']) {
    writeFileSync(path, damage);
    t.throws(() => readDurable(path, 'orders'), { code: 'CONFIG_INVALID' }, JSON.stringify(damage));
    t.equal(readFileSync(path, 'utf8'), damage, 'and left as it is');
  }
  t.end();
});

test('each run of a guard has a higher number than the one before', (t) => {
  const path = join(t.testdir({}), 'guard-run');
  const first = nextRun(path);
  t.equal(nextRun(path), first + 1);
  writeFileSync(path, 'rubbish');
  t.ok(nextRun(path) >= first);
  t.end();
});

test('every phase has a role, and a primary is one only with the address', (t) => {
  const state = startNode('A', DURABLE, 1, 0, TIMING);
  for (const phase of PHASES) t.type(roleOf({ ...state, phase }, true), 'string', phase);
  t.equal(roleOf({ ...state, phase: 'PRIMARY_SYNC' }, true), 'primary');
  t.equal(roleOf({ ...state, phase: 'PRIMARY_SOLO' }, false), 'promoting');
  const told = votingState({ state, now: 10, timing: TIMING, names: { A: 'db1', B: 'db2' }, decision: null });
  t.ok(Value.Check(VotingStateSchema, told), JSON.stringify(told));
  t.match(told, { phase: 'INIT', epoch: null, leased: false, promotable: false });
  t.end();
});

test('the time of a takeover is split into its phases, which add up', (t) => {
  const clock = new PromotionClock();
  const row = (id: string) => ROWS.find((one) => one.id === id) ?? t.fail(`no row ${id}`);
  const see = (id: string, now: number): void => {
    const found = row(id);
    if (typeof found === 'object') clock.sawRow(found, now);
  };
  clock.serves(1);
  t.equal(clock.last, null, 'a host that never took over has nothing to tell');
  const times = [
    ['S5', 100],
    ['T5', 103],
    ['T6', 105],
    ['T7', 120],
    ['T8', 128],
    ['O4', 131],
  ] as const;
  for (const [id, now] of times) see(id, now);
  clock.serves(190);
  t.same(clock.last, { vote: 3, cut: 2, drain: 15, record: 8, open: 3, vip: 59, total: 90 });
  see('O4', 300);
  clock.serves(400);
  t.equal(clock.last?.['total'], 90, 'opening again is no takeover');
  t.end();
});
