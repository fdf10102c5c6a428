/**
 * Progress of a long command: a tree of tasks (a group is a task that others name as parent), fed by events.
 * Live on a terminal, one line at the start and the end of each task elsewhere, silent in json mode.
 */

import type { OutputMode, Style } from './output.ts';
import {
  createTree,
  type ProgressNode,
  pathOf,
  renderTree,
  seconds,
  type TaskOutcome,
} from './progress-tree.ts';
import type { Screen } from './screen.ts';

export interface Progress {
  /** `parent` is the id of an earlier task, e.g. a host or a phase. */
  task(id: string, title: string, parent?: string): ProgressTask;
  /** Ends the live picture; tasks that still run are shown as they are. */
  end(): void;
}

export interface ProgressTask {
  /** What it is doing now; shown beside the title on a terminal only. */
  update(message: string): void;
  done(outcome: Exclude<TaskOutcome, 'failed'>, detail?: string): void;
  fail(message: string): void;
}

interface Listener {
  started(node: ProgressNode): void;
  changed(node: ProgressNode): void;
  ended(node: ProgressNode): void;
  closed(): void;
}

export interface ProgressOptions {
  readonly mode: OutputMode;
  readonly screen: Screen;
  readonly style: Style;
  /** Milliseconds on a monotonic clock. */
  readonly now?: () => number;
}

const REDRAW_MS = 100;

export function createProgress(options: ProgressOptions): Progress {
  const now = options.now ?? (() => performance.now());
  const tree = createTree();
  const listener = listenerFor(options, tree.nodes, now);
  return {
    task(id, title, parent) {
      const node = tree.add(id, title, parent, now());
      listener.started(node);
      const finish = (outcome: TaskOutcome, message: string): void => {
        if (node.endedAt !== null) return;
        Object.assign(node, { outcome, message, endedAt: now() });
        listener.ended(node);
      };
      return {
        update(message) {
          if (node.endedAt !== null) return;
          node.message = message;
          listener.changed(node);
        },
        done: (outcome, detail = '') => finish(outcome, detail),
        fail: (message) => finish('failed', message),
      };
    },
    end: () => listener.closed(),
  };
}

function listenerFor(options: ProgressOptions, nodes: readonly ProgressNode[], now: () => number): Listener {
  if (options.mode === 'json') return { started: nothing, changed: nothing, ended: nothing, closed: nothing };
  return options.mode === 'plain' ? plainLines(options, nodes, now) : livePicture(options, nodes, now);
}

function nothing(): void {}

function plainLines(
  { screen }: ProgressOptions,
  nodes: readonly ProgressNode[],
  now: () => number,
): Listener {
  const begin = now();
  const say = (word: string, node: ProgressNode, rest: string): void => {
    const at = seconds(now() - begin).padStart(7);
    screen.print(`${at}  ${word.padEnd(7)}  ${pathOf(node, nodes)}${rest}`);
  };
  return {
    started: (node) => say('start', node, ''),
    changed: nothing,
    ended: (node) => {
      const took = seconds((node.endedAt ?? now()) - node.startedAt);
      say(node.outcome ?? '', node, ` (${took})${node.message === '' ? '' : `: ${node.message}`}`);
    },
    closed: nothing,
  };
}

/** After `end` the next task begins a new picture below; what was shown stays above it as text. */
function livePicture(
  { screen, style }: ProgressOptions,
  nodes: readonly ProgressNode[],
  now: () => number,
): Listener {
  let timer: NodeJS.Timeout | undefined;
  let shown = 0;
  const picture = (rows: number | null): string[] =>
    renderTree(nodes.slice(shown), now(), { columns: screen.columns, rows, style });
  const draw = (): void => {
    if (timer !== undefined) screen.showLive(picture(screen.rows));
  };
  return {
    started: () => {
      timer ??= setInterval(draw, REDRAW_MS).unref();
      draw();
    },
    changed: nothing,
    ended: draw,
    closed: () => {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      screen.showLive(picture(null));
      screen.close();
      shown = nodes.length;
    },
  };
}
