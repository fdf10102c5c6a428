// The worst faults of the table, once each, on one pair of real hosts under load. Judged by what is in the tables and by
// who acknowledged, and that the pair is whole again by itself; how long it all took is for `npm run faults`.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tap, { test } from 'tap';
import type { Fault } from '../faults/fault.ts';
import { faults } from '../faults/fault-table.ts';
import { type FaultRun, runFault, Unsteady } from '../faults/run-fault.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 900_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

const WORST = ['1', '3', '6a', '9', '11', '13', '18', '20', '23', '28', '30a', '31a'];
const SEED = 1;

test('the worst faults', { skip, timeout }, async (t) => {
  const signal = AbortSignal.timeout(timeout);
  await using stage = await openStage(true, (line) => t.comment(line), signal);
  for (const id of WORST) {
    const fault = faults.find((one) => one.id === id);
    if (fault === undefined) throw new TypeError(`there is no fault ${id}`);
    await t.test(`${fault.id} ${fault.name}`, async (t) => {
      const { acknowledged, unsafe, backMs, outageMs, journals } = await tryOnce(stage, fault, signal);
      t.comment(`${acknowledged} rows acknowledged, outage ${Math.round(outageMs)} ms, ${journals ?? ''}`);
      t.ok(acknowledged > 0, 'rows were acknowledged');
      t.strictSame(unsafe, [], 'nothing is lost, and no two servers acknowledged');
      t.not(backMs, null, 'the pair is whole again by itself');
    });
  }
});

/** Once more where the pair moved before anything was broken. */
async function tryOnce(stage: Stage, fault: Fault, signal: AbortSignal): Promise<FaultRun> {
  const folder = join(tmpdir(), 'hotpair-faults', `test-${process.pid}`, fault.id);
  const plan = { fault, run: 1, seed: SEED, folder, keep: false, say: () => undefined, signal };
  try {
    return await runFault(stage, plan);
  } catch (error) {
    if (!(error instanceof Unsteady)) throw error;
    return await runFault(stage, plan);
  }
}
