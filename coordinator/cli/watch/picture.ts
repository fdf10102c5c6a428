/** The live screen as lines: pairs worst first, as much of each as there is room for, and the last events. Pure. */

import type { GradeView, PairDetail } from '../../../shared/api/pair-view.ts';
import type { StoredEvent } from '../../store/event-log.ts';
import { shortLine } from '../event-line.ts';
import { alignColumns, type Style } from '../output.ts';
import { widthOf } from '../wrap-words.ts';
import { cutLine } from './cut-line.ts';
import { briefCells, fullLines } from './pair-lines.ts';

export interface Picture {
  readonly pairs: readonly PairDetail[];
  /** The newest ones, oldest first. */
  readonly events: readonly StoredEvent[];
  /** ms since the epoch. */
  readonly now: number;
}

export interface PictureFrame {
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}

const GRADES: readonly GradeView[] = ['critical', 'attention', 'undeployed', 'healthy'];
const LEAST_EVENTS = 3;
const MOST_EVENTS = 10;
/** The first line and the blank one below it. */
const TOP_ROWS = 2;

/** At most as many lines as the screen has rows, none wider than it. */
export function renderPicture(picture: Picture, frame: PictureFrame): string[] {
  if (picture.pairs.some(isUnheard)) return [frame.style.dim('Asking the agents …')];
  const pairs = picture.pairs.toSorted((a, b) => GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade));
  const room = Math.max(1, frame.rows - TOP_ROWS);
  const most = picture.events.length === 0 ? 0 : Math.min(LEAST_EVENTS, picture.events.length) + 2;
  const ofPairs = pairLines(pairs, Math.max(1, room - most), frame.style);
  const left = Math.min(MOST_EVENTS, room - ofPairs.length - 2);
  const lines = [topLine(picture, frame), '', ...ofPairs, ...eventLines(picture, left, frame.style)];
  return lines.slice(0, frame.rows).map((line) => cutLine(line, frame.columns));
}

/** Nothing is known yet, which is no reason for alarm; it lasts no longer than until a host counts as silent. */
const isUnheard = ({ hosts }: PairDetail): boolean =>
  hosts.some(({ reachable, heardMsAgo }) => reachable && heardMsAgo === null);

function topLine({ pairs, now }: Picture, { columns, style }: PictureFrame): string {
  const counts = GRADES.flatMap((grade) => {
    const count = pairs.filter((pair) => pair.grade === grade).length;
    return count === 0 ? [] : [paintGrade(grade, style)(`${count} ${grade}`)];
  });
  const left = `${style.bold('hotpair')}  ${counts.join(', ')}`;
  const right = `${new Date(now).toTimeString().slice(0, 8)}  q ends`;
  return `${left}${' '.repeat(Math.max(2, columns - widthOf(left) - right.length))}${style.dim(right)}`;
}

function paintGrade(grade: GradeView, style: Style): (text: string) => string {
  if (grade === 'critical') return style.red;
  if (grade === 'attention') return style.yellow;
  return grade === 'healthy' ? style.green : style.dim;
}

/** Every pair has its line; as many as fit are told in full, the worst first. */
function pairLines(pairs: readonly PairDetail[], room: number, style: Style): string[] {
  const full: string[] = [];
  let told = 0;
  for (const pair of pairs) {
    const lines = [...fullLines(pair, style), ''];
    if (full.length + lines.length + (pairs.length - told - 1) > room) break;
    full.push(...lines);
    told += 1;
  }
  const brief = alignColumns(pairs.slice(told).map((pair) => briefCells(pair, style)));
  const fitting = room - full.length;
  if (brief.length === 0) return full.slice(0, -1);
  if (brief.length <= fitting) return [...full, ...brief];
  const hidden = brief.length - fitting + 1;
  return [...full, ...brief.slice(0, Math.max(0, fitting - 1)), style.dim(`  … and ${hidden} more pairs`)];
}

function eventLines({ events, pairs, now }: Picture, room: number, style: Style): string[] {
  if (room <= 0 || events.length === 0) return [];
  const withPair = pairs.length > 1;
  const shown = events.slice(-room).map((event) => `  ${shortLine(event, withPair, style, now)}`);
  return ['', style.dim('Last events'), ...shown];
}
