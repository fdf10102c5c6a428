import { test } from 'tap';
import { explore } from './exhaustive.ts';
import { catchSmallBug, SCOPES, SMALL_BUGS } from './exhaustive-bugs.ts';

for (const [name, scope] of Object.entries(SCOPES))
  test(`every order of ${name}`, async (t) => {
    const { states, depth, complete, violation } = explore(scope);
    console.log(`# ${name}: ${states} states, depth ${depth}, ${complete ? 'all' : 'bounded'}`);
    t.equal(violation, null);
    t.ok(complete || depth >= 6, 'all of them, or all of six events');
  });

for (const bug of SMALL_BUGS)
  test(`caught: ${bug.name}`, async (t) => {
    const found = catchSmallBug(bug);
    console.log(`# ${bug.name}: ${found.violation} after ${found.states} states`);
    t.not(found.violation, null);
  });
