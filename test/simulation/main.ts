/** npm run simulate -- --schedules N --seed S [--trace]: random schedules; the last line is their JSON summary. */

import { parseArgs } from 'node:util';
import { catchSmallBug, SMALL_BUGS } from './exhaustive-bugs.ts';
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
const planted = [...PLANTED_BUGS, ...SMALL_BUGS];
let caught = 0;
if (!values.trace) {
  for (const bug of PLANTED_BUGS) if (wasCaught(bug.name, catchBug(bug) !== null)) caught += 1;
  for (const bug of SMALL_BUGS) if (wasCaught(bug.name, catchSmallBug(bug).violation !== null)) caught += 1;
}
console.log(
  JSON.stringify({
    schedules: count,
    violations,
    statesVisited: states,
    plantedBugs: planted.length,
    plantedCaught: caught,
  }),
);
process.exitCode = violations === 0 && (values.trace || caught === planted.length) ? 0 : 1;

function wasCaught(name: string, yes: boolean): boolean {
  if (!yes) console.log(`not caught: ${name}`);
  return yes;
}
