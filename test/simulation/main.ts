/** npm run simulate -- --schedules N --seed S [--trace]: random schedules; the last line is their JSON summary. */

import { parseArgs } from 'node:util';
import { catchBug, PLANTED_BUGS } from './planted-bugs.ts';
import { runSchedule } from './schedule.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const count = values.trace ? 1 : Number(values.schedules);
let violations = 0;
let states = 0;
const started = performance.now();
for (let seed = first; seed < first + count; seed++) {
  const result = runSchedule(seed, {}, values.trace ? console.log : undefined);
  states += result.steps;
  violations += result.violations.length;
  for (const { check, at, text } of result.violations)
    console.log(`seed ${seed}: ${check} at ${at} ms: ${text}`);
}
console.log(`${count} schedules in ${((performance.now() - started) / 1000).toFixed(1)} s`);
const caught = values.trace ? [] : PLANTED_BUGS.filter((bug) => catchBug(bug) !== null);
console.log(
  JSON.stringify({
    schedules: count,
    violations,
    statesVisited: states,
    plantedBugs: PLANTED_BUGS.length,
    plantedCaught: caught.length,
  }),
);
process.exitCode = violations === 0 && (values.trace || caught.length === PLANTED_BUGS.length) ? 0 : 1;
