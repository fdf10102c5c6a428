/** One event as one line: for lists, and for who only glances at it. Pure. */

import { duration, localTime } from '../report/units.ts';
import { type Severity, severityOf } from '../store/event-kinds.ts';
import { NO_PAIR, type StoredEvent } from '../store/event-log.ts';
import type { Style } from './output.ts';

const GLYPHS: Record<Severity, string> = { ok: '✔', info: '•', warning: '▲', critical: '✖' };
const KIND_WIDTH = 18;
const ID_WIDTH = 5;
const PAIR_WIDTH = 10;
const QUIET_SECONDS = 60;

/** With its number and its whole time: the same on a terminal and in a pipe. */
export function eventLine(event: StoredEvent, withPair: boolean, style: Style): string {
  const id = style.dim(String(event.id).padStart(ID_WIDTH));
  const kind = kindWords(event, style);
  return `${id}  ${style.dim(localTime(event.time, undefined))}  ${kind}  ${pairWords(event, withPair)}${event.message}`;
}

/** With its number, for who asks why, and without the date. */
export function glanceLine(event: StoredEvent, withPair: boolean, style: Style): string {
  const id = style.dim(String(event.id).padStart(ID_WIDTH));
  return `${id}  ${clockTime(event, style)}  ${kindWords(event, style)}  ${pairWords(event, withPair)}${messageOf(event, style)}`;
}

/** Where there is little room: its words say what kind it is, and of another day only the date counts. */
export function shortLine(event: StoredEvent, withPair: boolean, style: Style, now: number): string {
  const severity = severityOf(event);
  const mark = paintOf(severity, style)(GLYPHS[severity]);
  const today = dayOf(event.time) === dayOf(now);
  const time = today ? clockTime(event, style) : style.dim(dayOf(event.time).slice(5).padEnd(8));
  return `${time} ${mark} ${pairWords(event, withPair)}${messageOf(event, style)}`;
}

const dayOf = (time: number): string => localTime(time, undefined).slice(0, 10);
const clockTime = ({ time }: StoredEvent, style: Style): string =>
  style.dim(localTime(time, undefined).slice(11));
/** What is critical stands out as a whole. */
const messageOf = (event: StoredEvent, style: Style): string =>
  severityOf(event) === 'critical' ? style.bold(event.message) : event.message;

/** Between two events: the new day, or how long nothing happened; null where they belong together. */
export function pauseWords(before: number | null, time: number): string | null {
  if (before === null || dayOf(before) !== dayOf(time)) return `── ${dayOf(time)} ──`;
  const quiet = (time - before) / 1000;
  return quiet < QUIET_SECONDS ? null : `── ${duration(quiet)} later ──`;
}

function kindWords(event: StoredEvent, style: Style): string {
  const severity = severityOf(event);
  return paintOf(severity, style)(`${GLYPHS[severity]} ${event.kind.padEnd(KIND_WIDTH)}`);
}

const pairWords = (event: StoredEvent, withPair: boolean): string =>
  withPair ? `${(event.pair === NO_PAIR ? '-' : event.pair).padEnd(PAIR_WIDTH)}  ` : '';

function paintOf(severity: Severity, style: Style): (text: string) => string {
  if (severity === 'critical') return style.red;
  if (severity === 'warning') return style.yellow;
  return severity === 'ok' ? style.green : style.dim;
}
