/** docs/events.md from the registry of event kinds. */

import { EVENT_KINDS } from '../../coordinator/store/event-kinds.ts';
import { HOST_ROWS } from '../../coordinator/watch/host-rows.ts';
import { PAIR_ROWS } from '../../coordinator/watch/pair-rows.ts';
import { heading, page, table } from './markdown.ts';

const INTRODUCTION = `What \`coordinator serve\` and the commands record, in the order of the registry. \`coordinator events\` prints them, health reports
count them. Severities: **critical** look at it now, **warning** look at it today, **info** for the record, **ok** something is well again.`;

const DECISIONS = `From each picture of a pair to the next the daemon goes through these rows; the id of the row is in the event's data (\`row\`).
A problem that follows from another event, and the first sight of something, are shown as info whatever their severity above.
What is not known (a silent agent) keeps its last known value, so silence alone is never a change of anything but \`AgentLost\`.
`;

export function renderEvents(): string {
  const rows = Object.entries(EVENT_KINDS).map(([name, { severity, meaning }]) => [
    `\`${name}\``,
    severity,
    meaning,
  ]);
  return page('Events', 'coordinator/store/event-kinds.ts', INTRODUCTION, [
    table([['event', 'severity', 'meaning'], ...rows]),
    heading(2, 'What the daemon decides'),
    DECISIONS,
    table([
      ['row', 'event', 'reason'],
      ...[...HOST_ROWS, ...PAIR_ROWS].map(({ id, kind, reason }) => [id, `\`${kind}\``, reason]),
    ]),
  ]);
}
