/** docs/events.md from the registry of event kinds. */

import { EVENT_KINDS } from '../../coordinator/store/event-kinds.ts';
import { page, table } from './markdown.ts';

const INTRODUCTION = `What \`coordinator serve\` and the commands record, in the order of the registry. \`coordinator events\` prints them, health reports
count them. Severities: **critical** look at it now, **warning** look at it today, **info** for the record, **ok** something is well again.`;

export function renderEvents(): string {
  const rows = Object.entries(EVENT_KINDS).map(([name, { severity, meaning }]) => [
    `\`${name}\``,
    severity,
    meaning,
  ]);
  return page('Events', 'coordinator/store/event-kinds.ts', INTRODUCTION, [
    table([['event', 'severity', 'meaning'], ...rows]),
  ]);
}
