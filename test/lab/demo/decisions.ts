/** What the guards themselves say about a takeover, as the coordinator tells it: why, by which votes, with what proof. */

import type { Explanation } from '../../../coordinator/explain/explain.ts';
import type { StoredDecision } from '../../../coordinator/store/decisions.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import type { Stage } from './scenes.ts';

interface Told extends Explanation {
  readonly event: StoredEvent;
}

const knownMs = 15_000;
/** The votes, the phases and the proof end every explanation of a takeover. */
const endLines = 3;

/** Waits until the coordinator knows how this host took over after `since` (ms since the epoch), and tells the gist of it. */
export async function tellDecisions(stage: Stage, host: string, since: number): Promise<void> {
  const { story, signal } = stage;
  const known = (): Promise<Told | undefined> => explanationOf(stage, host, since);
  const told = await waitFor('the decisions', known, { deadlineMs: knownMs, intervalMs: 500, signal });
  const shown = turningPoints(told);
  // A switchover begins with the primary's own decision, some time after its command was started.
  const ordered = shown[0]?.decision.row.startsWith('N') === true;
  const zero = ordered ? (shown[0]?.time ?? since) : since;
  story.line(`What the guards decided (coordinator events --explain ${told.event.id}):`);
  for (const { host: of, time, decision } of shown)
    story.note(`${`+${Math.round(time - zero)} ms`.padStart(8)}  ${of}  ${decision.row}  `, decision.reason);
  for (const line of told.lines.slice(-endLines)) story.note('', line);
}

/** undefined while the decisions of the takeover are not all there. */
async function explanationOf({ coordinator }: Stage, host: string, since: number): Promise<Told | undefined> {
  const { events } = (await coordinator.documentOf('events', '--limit', '50')) as { events: StoredEvent[] };
  const event = events.findLast(
    (one) =>
      one.kind === 'RoleChanged' && one.host === host && one.data['to'] === 'primary' && one.time >= since,
  );
  if (event === undefined) return undefined;
  const answer: unknown = await coordinator.documentOf('events', '--explain', String(event.id));
  const told = answer as Told; // printed by the code of the same checkout
  return told.takeover?.opened == null ? undefined : told;
}

/** How the old primary came to its end, how the takeover began, and how the new primary opened. */
function turningPoints({ takeover, decisions }: Explanation): readonly StoredDecision[] {
  if (takeover?.opened == null) return [];
  const { begun, opened } = takeover;
  const ending = decisions.find(
    ({ host, decision, time }) =>
      host !== begun.host && /^[PNX]/.test(decision.row) && time <= opened.time && time >= begun.time - 1000,
  );
  return [...(ending === undefined ? [] : [ending]), begun, opened].toSorted((a, b) => a.time - b.time);
}
