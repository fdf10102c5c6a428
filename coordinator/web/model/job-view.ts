/** A job's progress as tasks and lines, in the order in which they began; and server-sent events as they arrive. Pure. */

import type { JobProgress } from '../../../shared/api/jobs.ts';

export interface JobLine {
  readonly key: string;
  /** Id of the task; null of a line. */
  readonly task: string | null;
  readonly title: string;
  readonly detail: string;
  readonly state: 'running' | 'done' | 'failed' | 'line';
}

export function linesOf(progress: readonly JobProgress[]): JobLine[] {
  const lines = new Map<string, JobLine>();
  for (const { seq, task, state, text } of progress) {
    if (task === null || state === 'line') {
      lines.set(`line-${seq}`, { key: `line-${seq}`, task: null, title: text, detail: '', state: 'line' });
      continue;
    }
    const known = lines.get(task);
    const title = known?.title ?? text;
    const detail = state === 'started' || text === 'ok' ? '' : text;
    const now = state === 'done' || state === 'failed' ? state : 'running';
    lines.set(task, { key: task, task, title, detail, state: now });
  }
  return [...lines.values()];
}

export interface SentEvent {
  readonly event: string;
  readonly data: string;
}

/** The events that are complete in the text, and what is left of it. */
export function readSentEvents(text: string): { readonly events: SentEvent[]; readonly rest: string } {
  const blocks = text.split(/\r?\n\r?\n/);
  const rest = blocks.pop() ?? '';
  const events = blocks.flatMap((block): SentEvent[] => {
    const field = (name: string): string[] =>
      block
        .split(/\r?\n/)
        .flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).trimStart()] : []));
    const data = field('data');
    return data.length === 0 ? [] : [{ event: field('event')[0] ?? 'message', data: data.join('\n') }];
  });
  return { events, rest };
}
