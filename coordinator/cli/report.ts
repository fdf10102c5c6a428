/** `coordinator report`: a health report now, from the hosts themselves; works beside the daemon and without it. */

import { stripVTControlCharacters } from 'node:util';
import { AppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { DeliveryOutcome } from '../report/deliver.ts';
import { formatText, type ReportPaint } from '../report/format-text.ts';
import type { HealthReport } from '../report/health-report.ts';
import { renderReport } from '../report/rendered-report.ts';
import { openStore, type Store } from '../store/open-store.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import type { Style } from './output.ts';
import { parseLength } from './time-options.ts';

interface ReportOptions {
  readonly period: string;
  readonly format: string;
  readonly send?: boolean;
}

const FORMATS = ['text', 'html', 'json'] as const;

export const registerReport: RegisterCommand = (program, cli) => {
  program
    .command('report [pair]')
    .summary('a health report now; --send delivers it')
    .description(
      'Asks the hosts, reads the history and prints a health report: the verdict in the first line, then what needs attention first. Without a name: all pairs in one report. It ends with 0 whatever the verdict is.',
    )
    .option('--period <length>', 'how far back failovers and runs are counted', '24h')
    .option('--format <format>', 'text, html or json', 'text')
    .option('--send', 'also put it into the reports folder and send it to every target of reports.to')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator report\n  coordinator report orders --period 7d --format html > report.html',
    )
    .action((pair: string | undefined, options: ReportOptions) => report(cli(), pair, options));
};

export async function report(cli: Cli, name: string | undefined, options: ReportOptions): Promise<void> {
  const format = FORMATS.find((one) => one === options.format);
  if (format === undefined)
    throw new AppError('USAGE', `--format ${options.format}: give one of ${FORMATS.join(', ')}.`);
  const periodMs = parseLength(options.period, '--period');
  const spec = await cli.loadSpec();
  const pairs = name === undefined ? spec.pairs : [cli.pair(spec, name)];
  const store = openStore(spec.coordinator.data, (sentence) => cli.output.warn(`warning: ${sentence}`));
  try {
    const { makeReport, sendReport } = await import('../report/make-report.ts');
    const missed = await missedNow(spec, store);
    const timezone = spec.reports?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const health = await makeReport({ spec, pairs, store, periodMs, missed, timezone, signal: cli.signal });
    for (const line of printed(health, format, cli.output.style).trimEnd().split('\n'))
      cli.output.line(line, /^ *\d+\. \S+ +/.exec(stripVTControlCharacters(line))?.[0].length);
    cli.output.result(health);
    if (options.send !== true) return;
    const { events } = store;
    const record = (event: Parameters<typeof events.append>[0]) => events.append(event);
    sayOutcomes(cli, await sendReport(health, { spec, due: null, record, signal: cli.signal }));
  } finally {
    store.close();
  }
}

async function missedNow(spec: HotpairSpec, store: Store): Promise<number[]> {
  if (spec.reports === null) return [];
  const [{ lastScheduled }, { missedTimes }] = await Promise.all([
    import('../report/report-cron.ts'),
    import('../report/schedule.ts'),
  ]);
  const last = lastScheduled(store);
  return last === null ? [] : missedTimes(spec.reports.schedule, spec.reports.timezone, last, Date.now());
}

function printed(report: HealthReport, format: (typeof FORMATS)[number], style: Style): string {
  return format === 'text' ? formatText(report, paintOf(style)) : renderReport(report)[format];
}

function paintOf(style: Style): ReportPaint {
  const { green: good, yellow: warn, red: bad, bold: strong, dim: faint } = style;
  return { good, warn, bad, strong, faint };
}

/** Throws DELIVERY_FAILED when one target did not get it. */
function sayOutcomes(cli: Cli, outcomes: readonly DeliveryOutcome[]): void {
  const failed = outcomes.filter((outcome) => !outcome.ok);
  for (const outcome of outcomes) if (outcome.ok) cli.output.warn(`sent: ${outcome.target}`);
  if (failed.length === 0) return;
  const words = failed.map((outcome) => `${outcome.target}: ${outcome.error}`).join(' ');
  throw new AppError('DELIVERY_FAILED', `The report did not arrive everywhere. ${words}`, {
    data: { outcomes },
  });
}
