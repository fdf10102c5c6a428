/** Lines of the hosts' logs as people read them: local time, host, unit, words. Pure but for the zone of the machine. */

import type { Style } from './output.ts';

export interface HostLogLine {
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly unit: string;
  /** syslog priority 0..7. */
  readonly priority: number;
  readonly message: string;
}

const ERROR = 3;
const WARNING = 4;
/** Fields of pino that say nothing new beside time, host and unit. */
const NOISE = new Set(['level', 'time', 'name', 'msg', 'pid', 'hostname']);

export function logLine(line: HostLogLine, hosts: readonly string[], style: Style): string {
  const width = Math.max(...hosts.map((host) => host.length));
  const paints = [style.cyan, style.green];
  const hostPaint = paints[hosts.indexOf(line.host) % paints.length] ?? style.bold;
  const unit = line.unit.replace(/\.service$/, '').padEnd(14);
  const { text, priority } = readable(line);
  return `${style.dim(clock(line.time))}  ${hostPaint(line.host.padEnd(width))}  ${style.dim(unit)}  ${priorityPaint(priority, style)(text)}`;
}

function priorityPaint(priority: number, style: Style): (text: string) => string {
  if (priority <= ERROR) return style.red;
  return priority === WARNING ? style.yellow : (text) => text;
}

const time = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });

/** With milliseconds, because the order of what happens within one second is what people look for. */
function clock(ms: number): string {
  return `${time.format(ms)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** hotpair's own processes log JSON: the sentence comes first, its fields after it. */
function readable(line: HostLogLine): { text: string; priority: number } {
  const record = line.message.startsWith('{') ? parseRecord(line.message) : null;
  if (record === null || typeof record['msg'] !== 'string') return readableText(line);
  const fields = Object.entries(record)
    .filter(([name]) => !NOISE.has(name))
    .map(([name, value]) => `${name}=${fieldText(value)}`);
  return { text: [record['msg'], ...fields].join('  '), priority: priorityOf(record['level']) };
}

/** The server puts its own clock and thread before its words, and tells their weight in brackets. */
const SERVER_LINE = /^\d{4}-\d\d-\d\d +\d{1,2}:\d\d:\d\d \d+ (\[(\w+)\].*)$/s;
const SERVER_PRIORITY: Readonly<Record<string, number>> = { ERROR, Warning: WARNING };

function readableText({ message, priority }: HostLogLine): { text: string; priority: number } {
  const match = SERVER_LINE.exec(message);
  if (match === null) return { text: message, priority };
  return { text: match[1] ?? message, priority: SERVER_PRIORITY[match[2] ?? ''] ?? priority };
}

function parseRecord(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  return JSON.stringify(value) ?? '';
}

/** pino's levels (50 error, 40 warn) as syslog priorities. */
function priorityOf(level: unknown): number {
  if (typeof level !== 'number' || level < 40) return 6;
  return level >= 50 ? ERROR : WARNING;
}

/** By time; equal times keep the order of their host's journal. */
export function mergeLines(lines: readonly (readonly HostLogLine[])[]): HostLogLine[] {
  return lines.flat().toSorted((a, b) => a.time - b.time);
}
