import { test } from 'tap';
import { renderDiagram, renderReference } from '../../../shared/pair/diagram.ts';
import { INVARIANTS } from '../../../shared/pair/invariants.ts';
import { PHASES } from '../../../shared/pair/node-state.ts';
import { ROWS } from '../../../shared/pair/table.ts';

test('rows are numbered once and have a reason of one sentence', async (t) => {
  const ids = ROWS.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length);
  for (const { id, reason } of ROWS) t.match(reason, /^[A-Z].*\.$/, id);
});

test('every phase can be reached, and left unless a person has to repair the node', async (t) => {
  const reached = new Set<string>(['INIT']);
  for (let size = 0; size !== reached.size; ) {
    size = reached.size;
    for (const { from, to } of ROWS)
      if (from.some((phase) => reached.has(phase))) for (const phase of to) reached.add(phase);
  }
  t.same([...reached].toSorted(), [...PHASES].toSorted());
  const stuck = PHASES.filter(
    (phase) => !ROWS.some(({ from, to }) => from.includes(phase) && to.some((t) => t !== phase)),
  );
  t.same(stuck, []);
  const leaving = ROWS.filter(({ from, to }) => from.includes('NEEDS_REPAIR') && to.length > 0);
  t.same(
    leaving.map(({ id }) => id),
    ['M1'],
  );
});

test('diagram and reference come from the table', async (t) => {
  const diagram = renderDiagram();
  t.match(diagram, /STANDBY_READY --> PROMOTING: S5/);
  const reference = renderReference();
  for (const { id } of ROWS) t.ok(reference.includes(`| ${id} |`), id);
  for (const { id } of INVARIANTS) t.ok(reference.includes(`**${id}**`), id);
});
