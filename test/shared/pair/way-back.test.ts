import { test } from 'tap';
import type { NodeState } from '../../../shared/pair/node-state.ts';
import { withMode } from '../../../shared/pair/record.ts';
import { TIMING } from '../../../shared/pair/timing.ts';
import { BEAT, makeNode, NOW, outcomeOf, SYNC_A } from '../../support/make-node.ts';

const alone = (patch: Partial<NodeState>): NodeState =>
  makeNode({ phase: 'PRIMARY_SOLO', ...patch }, withMode(SYNC_A, 'solo'));
const heard = (at: number) => ({ peer: { at, beat: BEAT, readySince: null } });
const end = (state: NodeState, semiSync = false) => outcomeOf('C4', state, { semiSync });

test('a primary that goes on alone ends what is on its way to the standby: once, and not at once', async (t) => {
  const early = alone({ enteredAt: NOW - TIMING.soloMs + 1, ...heard(NOW - TIMING.soloMs) });
  t.equal(end(early), undefined, 'the first moment belongs to the clients');
  const due = alone({ enteredAt: NOW - TIMING.soloMs });
  t.match(end(due), { effects: [{ kind: 'end-stream' }] });
  t.equal(end({ ...due, ...end(due)?.patch }), undefined);
  t.equal(end(due, true), undefined, 'not while commits wait for what the standby confirms');
});

test('a standby that fell silent again is another one when it is back', async (t) => {
  const before = { enteredAt: 0, streamEndedAt: NOW - 5000 };
  t.match(end(alone({ ...before, ...heard(NOW - TIMING.soloMs) })), { effects: [{ kind: 'end-stream' }] });
  t.equal(end(alone({ ...before, ...heard(NOW - 100) })), undefined, 'it is there');
  t.equal(end(alone({ ...before, ...heard(NOW - 6000) })), undefined, 'that was seen to');
});
