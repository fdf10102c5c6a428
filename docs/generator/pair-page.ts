/** docs/pair.md from the table of the pair protocol. */

import { renderReference } from '../../shared/pair/diagram.ts';

const NOTICE = `> The protocol of three votes, with a lease and a fence, by which the guards decide who serves. Guards, witness and the
> simulation (\`npm run simulate\`) run the same code. \`coordinator status\` and the guard's log show the row that counts.
> This page is generated from shared/pair/table.ts by \`npm run docs\`.
>
> Two rules that reasons name are about starting a server. **R2**: with \`init-rpl-role=SLAVE\`, which rolls back what no
> standby confirmed, only where the record shows that the other node took over out of SYNC; in its default role, which
> keeps everything, in every other case. **R3**: replication starts from the end of the server's own binary log, and only
> after that was compared with the primary's. I1 to I10 are the invariants below.`;

export function renderPair(): string {
  const [title = '', ...rest] = renderReference().split('\n');
  return [title, '', NOTICE, ...rest].join('\n');
}
