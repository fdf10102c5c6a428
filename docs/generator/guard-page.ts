/** docs/guard.md from the guard's decision tables. */

import { type ActionRow, PERMIT_ROWS, TABLES } from '../../agent/guard/decide.ts';
import { heading, page, table } from './markdown.ts';

const INTRODUCTION = `The guard of each host looks at its server, the peer's server, the virtual address and replication ten times a second, and whenever one
of them says something, and decides by these tables: in each the first row whose condition holds counts. The row's reason is what the
guard logs and what \`coordinator status\` shows, with the id of the row. The conditions are in agent/guard/decide.ts.`;

/** By the letter that the ids of a table begin with. */
const TITLES: Readonly<Record<string, string>> = {
  R: 'The role of this host',
  S: 'The server',
  C: 'Replication from the peer',
  Y: 'Semi-synchronous commits',
  V: 'The virtual address',
};

export function renderGuard(): string {
  const permit = PERMIT_ROWS.map(({ id, permit: may, reason }) => [id, may ? 'may' : '**may not**', reason]);
  return page('What the guard decides', 'agent/guard/decide.ts', INTRODUCTION, [
    heading(2, 'The permit: may this host hold the virtual address?'),
    table([['row', 'this host', 'reason'], ...permit]),
    ...TABLES.flatMap(actionTable),
  ]);
}

function actionTable(rows: readonly ActionRow[]): string[] {
  const title = TITLES[rows[0]?.id.charAt(0) ?? ''] ?? 'Other actions';
  const body = rows.map(({ id, action, reason }) => [
    id,
    action === null ? 'nothing' : `\`${actionText(action)}\``,
    reason,
  ]);
  return [heading(2, title), table([['row', 'action', 'reason'], ...body])];
}

function actionText({ kind, ...rest }: NonNullable<ActionRow['action']>): string {
  return [kind, ...Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`)].join(' ');
}
