/** One pair on the live screen: in one line, or with its hosts, its votes and what needs attention. Pure. */

import type { GradeView, HostView, PairDetail } from '../../../shared/api/pair-view.ts';
import { duration, milliseconds } from '../../report/units.ts';
import { alignColumns, type Style } from '../output.ts';

const MOST_FINDINGS = 2;
const UNKNOWN = '?';

export function gradeMark(grade: GradeView, style: Style): string {
  if (grade === 'critical') return style.red('✖');
  if (grade === 'attention') return style.yellow('▲');
  return grade === 'healthy' ? style.green('✔') : style.dim('○');
}

/** Cells of the pair among others that are well. */
export function briefCells(pair: PairDetail, style: Style): readonly string[] {
  const [standby = UNKNOWN] = pair.hostNames.filter((name) => name !== pair.primary);
  return [
    `${gradeMark(pair.grade, style)} ${style.bold(pair.name)}`,
    `${pair.primary ?? UNKNOWN} → ${standby}`,
    modeWords(pair, style),
    lagWords(pair.lagSeconds),
    rateWords(pair.commitsPerSecond),
    pair.findings === 0 ? '' : `${pair.findings} to look at`,
  ];
}

export function fullLines(pair: PairDetail, style: Style): readonly string[] {
  const { outages } = pair;
  const lost =
    outages.count === 0
      ? ''
      : `away ${outages.count}× in ${outages.days} d, ${milliseconds(outages.totalMs)}`;
  const heading = [
    `${gradeMark(pair.grade, style)} ${style.bold(pair.name)}`,
    `VIP ${style.cyan(pair.vip)} ${vipPlace(pair, style)}`,
    modeWords(pair, style),
    ...[rateWords(pair.commitsPerSecond), style.dim(lost)],
  ];
  return [
    heading.filter((part) => part !== '').join('  '),
    ...alignColumns([...pair.hosts.map((host) => hostCells(host, pair, style)), witnessCells(pair)]).map(
      (line) => `    ${line}`,
    ),
    ...attentionLines(pair, style),
  ];
}

function vipPlace({ vipHolder, vipMissing, vipDuplicated }: PairDetail, style: Style): string {
  if (vipDuplicated) return style.red('on both hosts');
  if (vipMissing) return style.red('on no host');
  return vipHolder === null ? style.dim('not seen') : `on ${vipHolder}`;
}

/** SYNC since when, as each new commit is on both hosts; SOLO since when it is not. */
function modeWords({ mode, modeSince, time }: PairDetail, style: Style): string {
  if (mode === null) return style.dim('no record');
  const since = modeSince === null ? '' : ` ${duration(Math.max(0, time - modeSince) / 1000)}`;
  return mode === 'sync' ? style.green(`SYNC${since}`) : style.yellow(`SOLO${since}`);
}

const lagWords = (seconds: number | null): string => `lag ${seconds === null ? UNKNOWN : `${seconds} s`}`;
const rateWords = (rate: number | null): string =>
  rate === null ? '' : `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} commits/s`;

function hostCells(host: HostView, pair: PairDetail, style: Style): readonly string[] {
  const vote = voteWords(pair, host.name);
  if (!host.reachable || host.heardMsAgo === null) {
    const since = host.heardMsAgo === null ? '' : ` ${duration(host.heardMsAgo / 1000)}`;
    return [style.bold(host.name), style.red(`silent${since}`), '', '', '', vote];
  }
  return [
    ...[style.bold(host.name), roleWords(host, style), serverWords(host, style)],
    host.name === pair.primary ? '' : replicationWords(host, style),
    `load ${host.load1 === null ? UNKNOWN : host.load1.toFixed(2)}`,
    ...[vote, hearsWords(pair, host.name, style)],
  ];
}

function roleWords({ guard, role, hasVip }: HostView, style: Style): string {
  const word = guard?.role ?? role ?? 'no guard';
  const paint = word === 'primary' ? style.green : word === 'standby' ? style.cyan : style.yellow;
  return paint(word) + (hasVip ? style.bold(' VIP') : '');
}

function serverWords({ server, writable }: HostView, style: Style): string {
  if (server === 'down' || writable === null) return style.red('down');
  return writable ? 'writable' : 'read-only';
}

function replicationWords({ replication: { condition, lagSeconds } }: HostView, style: Style): string {
  if (condition === 'broken') return style.red('broken');
  return condition === 'lagging' ? style.yellow(lagWords(lagSeconds)) : lagWords(lagSeconds);
}

function voteWords({ votes }: PairDetail, voter: string): string {
  const weight = votes.find((vote) => vote.voter === voter)?.weight ?? null;
  return weight === null ? '' : `${weight} vote${weight === 1 ? '' : 's'}`;
}

/** Whom its guard hears, where one is missing. */
function hearsWords({ links }: PairDetail, host: string, style: Style): string {
  const deaf = links.filter(({ from, up }) => from === host && up === false).map(({ to }) => to);
  return deaf.length === 0 ? '' : style.yellow(`hears no ${deaf.join(', no ')}`);
}

function witnessCells(pair: PairDetail): readonly string[] {
  return ['witness', '', '', '', '', voteWords(pair, 'witness')];
}

function attentionLines({ attention, name }: PairDetail, style: Style): readonly string[] {
  const shown = attention.slice(0, MOST_FINDINGS).map(({ severity, subject, detail }) => {
    const paint = severity === 'critical' ? style.red : style.yellow;
    return `    ${paint(severity)} ${subject === name ? '' : `${subject}: `}${detail}`;
  });
  const more = attention.length - shown.length;
  return more === 0 ? shown : [...shown, style.dim(`    ${more} more: coordinator report ${name}`)];
}
