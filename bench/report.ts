/** Results of a bench as people read them: one text for the terminal, the same tables for the document. Pure. */

import type { FaultsDocument } from '../test/faults/report.ts';
import { commitsNotes, commitsTable, commitsTitle } from './commits/summary.ts';
import type { CommitsDocument } from './commits.ts';
import type { VisitFigures } from './console/visit.ts';
import type { ConsoleDocument } from './console.ts';
import type { DeployDocument } from './deploy.ts';
import type { FailoverDocument } from './failover.ts';
import { failoverSections, faultSections } from './fault-sections.ts';
import type { IdleDocument } from './idle.ts';
import type { InterruptionDocument } from './interruptions.ts';
import type { PairsDocument } from './pairs.ts';
import type { RestDocument } from './rest.ts';
import type { Section } from './section.ts';
import { spreadOf } from './statistics.ts';
import { duration, renderPlain } from './table.ts';

export type BenchDocument =
  | FailoverDocument
  | FaultsDocument
  | DeployDocument
  | IdleDocument
  | CommitsDocument
  | InterruptionDocument
  | PairsDocument
  | RestDocument
  | ConsoleDocument;

export function sectionsOf(document: BenchDocument): Section[] {
  if (document.bench === 'faults') return faultSections(document);
  if (document.bench === 'deploy') return [deploySection(document)];
  if (document.bench === 'idle') return [idleSection(document)];
  if (document.bench === 'commits') return [commitsSection(document)];
  if (document.bench === 'interruptions') return [interruptionSection(document)];
  if (document.bench === 'pairs') return [pairsSection(document)];
  if (document.bench === 'rest') return [restSection(document)];
  if (document.bench === 'console') return [consoleSection(document)];
  return failoverSections(document);
}

export function reportOf(document: BenchDocument): string {
  return sectionsOf(document)
    .map(({ title, table, notes }) => [title, '', renderPlain(table), ...notes].join('\n'))
    .join('\n\n');
}

function deploySection({ results }: DeployDocument): Section {
  const row = (title: string, values: readonly number[]): string[] => {
    const { median, worst, runs } = spreadOf(values);
    return [title, String(runs), duration(median, ''), duration(worst, '')];
  };
  const sum = (pick: (one: DeployDocument['results'][number]) => number): number =>
    results.reduce((total, one) => total + pick(one), 0);
  return {
    title: 'Deploy: two bare hosts become a verified pair',
    table: {
      head: ['command', 'runs', 'median', 'worst'],
      rows: [
        row(
          'deploy from bare hosts, agents included',
          results.map(({ deployMs }) => deployMs),
        ),
        row(
          'the same command again',
          results.map(({ redeployMs }) => redeployMs),
        ),
      ],
    },
    notes: [
      `Changes in all second deploys: ${sum((one) => one.redeployChanged)} told, ${sum((one) => one.touchedFiles.length)} files with a new change time on the hosts, ${sum((one) => one.writingStatements.length)} changing statements in the servers' general logs.`,
    ],
  };
}

function idleSection({ seconds, results }: IdleDocument): Section {
  return {
    title: `At rest: ${seconds} s on a deployed pair with the daemon's heartbeats`,
    table: {
      head: ['host', 'process', 'processor, % of a core', 'memory (RSS), MB'],
      rows: results.map((one) => [
        one.host,
        one.process,
        one.cpuPercent.toFixed(2),
        one.rssMb?.toFixed(1) ?? '-',
      ]),
    },
    notes: [
      "nft is what the guard starts to tell the kernel its leases, one process after the other; its processor time is in the guard's, too.",
    ],
  };
}

function commitsSection(document: CommitsDocument): Section {
  return {
    title: commitsTitle(document),
    table: commitsTable(document.results),
    notes: commitsNotes(document),
  };
}

function restSection({ events, outages, requests, results }: RestDocument): Section {
  return {
    title: `REST: ${events} events and ${outages} outages in the store, ${requests} requests for each page`,
    table: {
      head: ['page', 'p50, ms', 'p99, ms', 'worst, ms'],
      rows: results.map(({ path, p50Ms, p99Ms, worstMs }) => [
        path,
        ...[p50Ms, p99Ms, worstMs].map((ms) => ms.toFixed(1)),
      ]),
    },
    notes: [],
  };
}

function consoleSection({ pairs, seconds, results }: ConsoleDocument): Section {
  return {
    title: `The console: pages of ${pairs} live pairs in Chromium, each visited with nothing cached, then watched for ${seconds} s`,
    table: {
      head: [
        ...['page', 'visits', 'first paint, median', 'worst', 'content, median', 'worst'],
        ...['over the wire, kB', 'layout shift while it loads, worst', 'while heartbeats come in, worst'],
      ],
      rows: results.map(({ page, visits }) => {
        const [paint, content] = [
          spreadOf(visits.map(({ firstPaintMs }) => firstPaintMs)),
          spreadOf(visits.map(({ contentMs }) => contentMs)),
        ];
        const most = (pick: (one: VisitFigures) => number): number => Math.max(...visits.map(pick));
        return [
          ...[page, String(visits.length)],
          ...[paint.median, paint.worst, content.median, content.worst].map((ms) => duration(ms, '')),
          (most(({ bytes }) => bytes) / 1000).toFixed(0),
          ...[most(({ loadingShift }) => loadingShift), most(({ liveShift }) => liveShift)].map((shift) =>
            shift.toFixed(4),
          ),
        ];
      }),
    },
    notes: [
      "Read off the browser's own trace: first paint is its firstContentfulPaint, content its largestContentfulPaint; a layout shift under 0.1 counts as good. Simulated hosts, coordinator and browser share the machine.",
    ],
  };
}

const GUARDS: Readonly<Record<PairsDocument['guards'], string>> = {
  none: 'No guard answered: the witness tried to reach each of them once a second and did not vote.',
  linked: 'The witness was connected to every guard, and was asked nothing.',
  voting:
    "The witness was connected to every guard, and the primaries' guards asked it for their leases ten times a second each.",
};

function pairsSection({ seconds, guards, results }: PairsDocument): Section {
  const each = (value: number, pairs: number, digits: number): string => (value / pairs).toFixed(digits);
  return {
    title: `One coordinator, many pairs: simulated agents, heartbeats each second, ${seconds} s`,
    table: {
      head: [
        ...['pairs', 'connections', 'all connected after', 'processor, % of a core', 'of it a pair'],
        ...['waiting for one, %', 'all simulated hosts', 'waiting'],
        ...[
          'memory (RSS), MB',
          'of it a pair',
          'heartbeat to console p50',
          'p99',
          'worst',
          'missed',
          'leases asked, answered late',
        ],
      ],
      rows: results.map(({ pairs, connections, connectedMs, cpuPercent, rssMb, delayMs, ...counts }) => [
        ...[String(pairs), String(connections), duration(connectedMs, '')],
        ...[cpuPercent.toFixed(1), each(cpuPercent, pairs, 3), counts.waitPercent.toFixed(1)],
        ...[counts.simulator.cpuPercent, counts.simulator.waitPercent].map((value) => value.toFixed(1)),
        ...[rssMb.toFixed(0), each(rssMb, pairs, 2)],
        ...[delayMs.p50, delayMs.p99, delayMs.most].map((ms) => duration(ms, '')),
        `${counts.missed} of ${counts.heartbeats}${counts.lostHosts === 0 ? '' : `, ${counts.lostHosts} hosts told to be silent`}`,
        `${counts.votes.asked}, ${counts.votes.late}`,
      ]),
    },
    notes: [GUARDS[guards], 'Simulated hosts run on the same machine, in one process.'],
  };
}

function interruptionSection({ seed, results, failed }: InterruptionDocument): Section {
  const victims = [...Map.groupBy(results, ({ victim }) => victim)];
  return {
    title: 'Interrupted deploys: killed at a random moment, then deployed once more in peace',
    table: {
      head: ['killed', 'runs', 'same verified state afterwards'],
      rows: victims.map(([victim, runs]) => [
        victim,
        String(runs.length),
        String(runs.filter(({ problems }) => problems.length === 0).length),
      ]),
    },
    notes: [`Seed ${seed}.`, ...failed.map(({ run, reason }) => `Run ${run}: ${reason}`)],
  };
}
