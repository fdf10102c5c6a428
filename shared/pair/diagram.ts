/** The table of the node's phases as a diagram (mermaid) and as a reference page: text that cannot drift from the code. */

import { INVARIANTS } from './invariants.ts';
import { PHASES } from './node-state.ts';
import { ROWS } from './table.ts';

export function renderDiagram(): string {
  const edges = new Map<string, string[]>();
  for (const { id, from, to } of ROWS)
    for (const source of from)
      for (const target of to) {
        if (source === target) continue;
        const edge = `${source} --> ${target}`;
        edges.set(edge, [...(edges.get(edge) ?? []), id]);
      }
  const lines = [...edges].map(([edge, ids]) => `  ${edge}: ${ids.join(' ')}`);
  return ['stateDiagram-v2', '  [*] --> INIT', ...lines].join('\n');
}

export function renderReference(): string {
  const rows = ROWS.map(
    ({ id, from, to, reason }) => `| ${id} | ${from.join(', ')} | ${to.join(', ') || '–'} | ${reason} |`,
  );
  return [
    '# The phases of a node',
    '',
    `A node is in one of ${PHASES.length} phases. Of the rows of its phase, the first whose condition holds counts.`,
    '',
    '```mermaid',
    renderDiagram(),
    '```',
    '',
    '| row | from | to | reason |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Invariants',
    '',
    ...INVARIANTS.map(({ id, text }) => `- **${id}** ${text}`),
    '',
  ].join('\n');
}
