/** Results of a bench as people read them: one text for the terminal, the same tables for the document. Pure. */

import type { DeployDocument } from './deploy.ts';
import type { FailoverDocument } from './failover.ts';
import { cutTable, failoverTable } from './failover-summary.ts';
import type { IdleDocument } from './idle.ts';
import type { InterruptionDocument } from './interruptions.ts';
import { spreadOf } from './statistics.ts';
import { duration, renderPlain, type Table } from './table.ts';

export type BenchDocument = FailoverDocument | DeployDocument | IdleDocument | InterruptionDocument;

export interface Section {
  readonly title: string;
  readonly table: Table;
  readonly notes: readonly string[];
}

export function sectionsOf(document: BenchDocument): Section[] {
  if (document.bench === 'deploy') return [deploySection(document)];
  if (document.bench === 'idle') return [idleSection(document)];
  if (document.bench === 'interruptions') return [interruptionSection(document)];
  return failoverSections(document);
}

export function reportOf(document: BenchDocument): string {
  return sectionsOf(document)
    .map(({ title, table, notes }) => [title, '', renderPlain(table), ...notes].join('\n'))
    .join('\n\n');
}

function failoverSections({ results, cuts, failed }: FailoverDocument): Section[] {
  const sections: Section[] = [];
  if (results.length > 0)
    sections.push({
      title: 'Failover: the fault strikes the host with the VIP while four connections write',
      table: failoverTable(results),
      notes: failed.map(
        ({ fault, system, run, reason }) => `Not measured: ${fault}, ${system}, run ${run}: ${reason}`,
      ),
    });
  if (cuts.length > 0)
    sections.push({
      title: 'The two database hosts cut from each other for 10 s, every client reaches both',
      table: cutTable(cuts),
      notes: [],
    });
  return sections;
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
      rows: results.map((one) => [one.host, one.process, one.cpuPercent.toFixed(2), one.rssMb.toFixed(1)]),
    },
    notes: [],
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
