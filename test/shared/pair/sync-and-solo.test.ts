import { test } from 'tap';
import type { NodeState } from '../../../shared/pair/node-state.ts';
import { withMode } from '../../../shared/pair/record.ts';
import { TIMING } from '../../../shared/pair/timing.ts';
import { BEAT, makeNode, NOW, outcomeOf, SYNC_A } from '../../support/make-node.ts';

const READY_LONG = { at: NOW, beat: BEAT, readySince: 0 };
const alone = (patch: Partial<NodeState>): NodeState =>
  makeNode({ phase: 'PRIMARY_SOLO', peer: READY_LONG, ...patch }, withMode(SYNC_A, 'solo'));
const waitsAgain = (state: NodeState, now = NOW) => outcomeOf('U3', state, { semiSync: false }, now);

test('a standby that is ready has to keep up for a while before commits wait for it again', async (t) => {
  const since = (readySince: number | null) => alone({ peer: { ...READY_LONG, readySince } });
  t.match(waitsAgain(since(NOW - TIMING.steadyMs)), { effects: [{ kind: 'semi-sync', on: true }] });
  t.equal(waitsAgain(since(NOW - TIMING.steadyMs + 1)), undefined);
  t.equal(waitsAgain(since(null)), undefined);
});

test('what it kept up with before commits stopped waiting for it does not count', async (t) => {
  const sync = makeNode({}, withMode(SYNC_A, 'solo'));
  const fellBehind = alone({});
  const stopped = [
    { ...alone({}), ...outcomeOf('D1', sync)?.patch },
    { ...fellBehind, ...outcomeOf('U2', fellBehind, { waitersMs: TIMING.soloMs })?.patch },
  ];
  for (const state of stopped) {
    t.equal(state.standbyLostAt, NOW);
    const soon = NOW + TIMING.steadyMs - 1;
    const heard = { ...state, peer: { ...READY_LONG, at: soon } };
    t.equal(waitsAgain(heard, soon), undefined, 'ready all along, and yet too soon');
    t.ok(waitsAgain(heard, soon + 1));
  }
});
