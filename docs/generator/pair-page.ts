/** docs/pair.md from the table of the pair protocol. */

import { renderReference } from '../../shared/pair/diagram.ts';

const NOTICE = `> The protocol of three votes, with a lease and a fence, by which the guards decide who serves. Guards, witness and the
> simulation (\`npm run simulate\`) run the same code. \`coordinator status\` and the guard's log show the row that counts.
> This page is generated from shared/pair/table.ts by \`npm run docs\`.`;

export function renderPair(): string {
  const [title = '', ...rest] = renderReference().split('\n');
  return [title, '', NOTICE, ...rest].join('\n');
}
