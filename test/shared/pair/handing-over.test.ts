import { test } from 'tap';
import type { NodeState } from '../../../shared/pair/node-state.ts';
import { withMode } from '../../../shared/pair/record.ts';
import { TIMING } from '../../../shared/pair/timing.ts';
import { BEAT, makeNode, NOW, outcomeOf, SYNC_A } from '../../support/make-node.ts';

const UNTIL = NOW + 400;
/** Asked for so long ago, by a node whose standby has applied so much of the 100 that there were. */
const asked = (ago: number, applied: number, more: Partial<NodeState> = {}): NodeState =>
  makeNode({
    switchover: { position: 100, since: NOW - ago, until: UNTIL },
    peer: { at: NOW, beat: { ...BEAT, applied }, readySince: 0 },
    ...more,
  });

test('a switchover begins when the standby is level', async (t) => {
  t.equal(outcomeOf('N1', makeNode()), undefined, 'nobody asked');
  t.equal(outcomeOf('N1', asked(100, 99)), undefined);
  t.match(outcomeOf('N1', asked(100, 100)), {
    ...{ to: 'DRAINING', patch: { switchover: null, drainUntil: NOW + TIMING.drainMs } },
    effects: [{ kind: 'freeze', on: true }, { kind: 'read-only' }],
  });
});

test('a standby that took long to apply what there was is asked for what there is now', async (t) => {
  const late = asked(TIMING.levelMs + 1, 100);
  t.equal(outcomeOf('N1', late), undefined, 'as much again may have come meanwhile');
  const again = outcomeOf('N5', late, { position: 170 });
  t.same(again?.patch, { switchover: { position: 170, since: NOW, until: UNTIL } });
  t.equal(outcomeOf('N5', asked(TIMING.levelMs + 1, 99)), undefined);
  t.equal(outcomeOf('N5', asked(TIMING.levelMs, 100)), undefined, 'that is soon enough');
});

test('a switchover whose standby does not get level is not begun, and says why', async (t) => {
  const behind = asked(2000, 60);
  t.equal(outcomeOf('N6', behind), undefined);
  t.match(outcomeOf('N6', behind, {}, UNTIL)?.patch, {
    ...{
      switchover: null,
      note: 'The standby is 40 transactions behind after 2500 ms: nothing was stopped.',
    },
  });
  const lost = outcomeOf('N6', { ...asked(100, 100), phase: 'PRIMARY_SOLO', peer: null });
  t.match(lost?.patch, { switchover: null, note: /not ready any more/ });
  const alone = makeNode({ ...asked(100, 100), phase: 'PRIMARY_SOLO' }, withMode(SYNC_A, 'solo'));
  t.equal(outcomeOf('N1', alone), undefined);
});

test('a switchover that was asked for does not outlive the primary', async (t) => {
  for (const phase of ['FENCED', 'DEMOTED', 'STANDBY_CATCHUP'] as const)
    t.match(outcomeOf('N6', { ...asked(100, 60), phase })?.patch, {
      ...{ switchover: null, note: `A became ${phase} meanwhile: the switchover was not begun.` },
    });
});
