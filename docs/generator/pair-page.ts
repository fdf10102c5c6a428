/** docs/pair.md from the table of the pair protocol. */

import { renderReference } from '../../shared/pair/diagram.ts';

const NOTICE = `> The protocol of three votes, with a lease and a fence, that will decide who serves. It is checked by simulation (\`npm run simulate\`)
> and **not in use yet**: the guard of this version decides by [guard.md](guard.md).
> This page is generated from shared/pair/table.ts by \`npm run docs\`.`;

export function renderPair(): string {
  const [title = '', ...rest] = renderReference().split('\n');
  return [title, '', NOTICE, ...rest].join('\n');
}
