/** The tree of tasks behind the progress display, and its picture as lines of text. Rendering is pure. */

import type { Style } from './output.ts';

export type TaskOutcome = 'ok' | 'changed' | 'skipped' | 'failed';

export interface ProgressNode {
  readonly id: string;
  readonly title: string;
  readonly parent: ProgressNode | null;
  /** Milliseconds on the clock of the caller. */
  readonly startedAt: number;
  endedAt: number | null;
  outcome: TaskOutcome | null;
  /** What it does now; once it has ended, the detail of the outcome. */
  message: string;
}

export function createTree() {
  const nodes: ProgressNode[] = [];
  return {
    nodes,
    /** An unknown parent counts as none; an id that is used again starts a new task of that name. */
    add(id: string, title: string, parentId: string | undefined, startedAt: number): ProgressNode {
      const parent = parentId === undefined ? undefined : nodes.findLast((node) => node.id === parentId);
      const node = {
        id,
        title,
        parent: parent ?? null,
        startedAt,
        endedAt: null,
        outcome: null,
        message: '',
      };
      nodes.push(node);
      return node;
    },
  };
}

/** `12.3 s` */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
}

/** Titles from the root down: "db1 > Packages". */
export function pathOf(node: ProgressNode, nodes: readonly ProgressNode[]): string {
  return node.parent === null ? node.title : `${pathOf(node.parent, nodes)} > ${node.title}`;
}

export interface Frame {
  readonly columns: number;
  /** Height of the screen; null shows everything. */
  readonly rows: number | null;
  readonly style: Style;
}

interface Row {
  readonly node: ProgressNode;
  readonly depth: number;
  readonly endedAt: number | null;
  readonly outcome: TaskOutcome | null;
}

const SYMBOLS: Record<TaskOutcome, string> = { ok: '✔', changed: '✚', skipped: '–', failed: '✖' };
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** The picture at the time `now`; when it is too high for the screen, finished tasks are left out, oldest first. */
export function renderTree(nodes: readonly ProgressNode[], now: number, frame: Frame): string[] {
  const rows = orderRows(nodes);
  const shown = frame.rows === null ? rows : fitRows(rows, Math.max(1, frame.rows - 2));
  return shown.map((row) => renderRow(row, now, frame));
}

/** A task whose group is not among the nodes stands for itself. */
function orderRows(nodes: readonly ProgressNode[]): Row[] {
  const known = new Set(nodes);
  const childrenOf = (parent: ProgressNode | null): ProgressNode[] =>
    nodes.filter((node) => (node.parent !== null && known.has(node.parent) ? node.parent : null) === parent);
  const visit = (node: ProgressNode, depth: number): Row[] => {
    const below = childrenOf(node).flatMap((child) => visit(child, depth + 1));
    return [summarize(node, depth, below), ...below];
  };
  return childrenOf(null).flatMap((node) => visit(node, 0));
}

/** A group that nobody ended is as far as its tasks are. */
function summarize(node: ProgressNode, depth: number, below: readonly Row[]): Row {
  if (node.endedAt !== null || below.length === 0)
    return { node, depth, endedAt: node.endedAt, outcome: node.outcome };
  const ends = below.map((row) => row.endedAt);
  const outcome = worst(below.map((row) => row.outcome));
  if (outcome === null || ends.includes(null)) return { node, depth, endedAt: null, outcome: null };
  return { node, depth, outcome, endedAt: Math.max(...ends.filter((end) => end !== null)) };
}

function worst(outcomes: readonly (TaskOutcome | null)[]): TaskOutcome | null {
  if (outcomes.includes('failed')) return 'failed';
  if (outcomes.includes(null)) return null;
  if (outcomes.includes('changed')) return 'changed';
  return outcomes.includes('ok') ? 'ok' : 'skipped';
}

function fitRows(rows: readonly Row[], most: number): readonly Row[] {
  const dropped = new Set<Row>();
  const finished = rows
    .filter((row) => row.endedAt !== null && row.outcome !== 'failed')
    .toSorted((a, b) => b.depth - a.depth || (a.endedAt ?? 0) - (b.endedAt ?? 0));
  for (const row of finished) {
    if (rows.length - dropped.size <= most) break;
    dropped.add(row);
  }
  return rows.filter((row) => !dropped.has(row)).slice(-most);
}

function renderRow({ node, depth, endedAt, outcome }: Row, now: number, { columns, style }: Frame): string {
  const ended = outcome !== null && endedAt !== null;
  const symbol = ended ? SYMBOLS[outcome] : (SPINNER[Math.floor(now / 100) % SPINNER.length] ?? '');
  const took = seconds((endedAt ?? now) - node.startedAt);
  const head = `${'  '.repeat(depth)}${symbol} `;
  // While it runs the time comes first: a long message is clipped.
  const message = node.message.replace(/\.$/, '');
  const words = ended ? [outcome === 'changed' || outcome === 'skipped' ? outcome : '', message] : [];
  const tail = (ended ? [...words, took] : [took, message]).filter((part) => part !== '').join(', ');
  const room = Math.max(0, columns - 1 - [...head].length);
  const title = clip(node.title, room);
  const rest = clip(`  ${tail}`, room - [...title].length);
  return `${paintSymbol(head, outcome, style)}${depth === 0 ? style.bold(title) : title}${style.dim(rest)}`;
}

function paintSymbol(head: string, outcome: TaskOutcome | null, style: Style): string {
  if (outcome === null) return style.cyan(head);
  if (outcome === 'failed') return style.red(head);
  if (outcome === 'changed') return style.yellow(head);
  return outcome === 'skipped' ? style.dim(head) : style.green(head);
}

function clip(text: string, room: number): string {
  const letters = [...text.replaceAll(/\p{Cc}+/gu, ' ')];
  if (letters.length <= room) return letters.join('');
  return room <= 0 ? '' : `${letters.slice(0, room - 1).join('')}…`;
}
