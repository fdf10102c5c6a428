/** `coordinator report`: a health report now, from the hosts themselves; works beside the daemon and without it. */

import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Option } from 'commander';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Language } from '../../shared/model/language.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { DeliveryOutcome } from '../report/deliver.ts';
import { deliverFolder } from '../report/deliver-folder.ts';
import { formatText, type ReportPaint } from '../report/format-text.ts';
import type { HealthReport } from '../report/health-report.ts';
import { type RenderedReport, renderReport } from '../report/rendered-report.ts';
import { openStore, type Store } from '../store/open-store.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import type { Output, Style } from './output.ts';
import { parseLength } from './time-options.ts';

interface ReportOptions {
  readonly period: string;
  readonly format: Format;
  readonly send?: boolean;
  readonly open?: boolean;
  readonly language?: Language;
}

const FORMATS = ['text', 'html', 'json'] as const;
const LANGUAGES: readonly Language[] = ['en', 'zh'];
type Format = (typeof FORMATS)[number];

export const registerReport: RegisterCommand = (program, cli) => {
  program
    .command('report [pair]')
    .summary('a health report now; --send delivers it')
    .description(
      'Asks the hosts, reads the history and prints a health report: the verdict in the first line, then what needs attention first. Without a name: all pairs in one report. It ends with 0 whatever the verdict is.',
    )
    .option(
      '--period <length>',
      'how far back it looks: 24h, 7d, 30d; compared with as long a time before',
      '24h',
    )
    .addOption(new Option('--format <format>', 'what is printed').choices(FORMATS).default('text'))
    .addOption(
      new Option('--language <language>', 'of text and page; without it as reports.language').choices(
        LANGUAGES,
      ),
    )
    .option('--open', 'write it into the reports folder for a browser, and print only where it is')
    .option('--send', 'also put it into the reports folder and send it to every target of every schedule')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator report\n  coordinator report --period 7d --open\n  coordinator report orders --period 30d --format html > report.html',
    )
    .action((pair: string | undefined, options: ReportOptions) => report(cli(), pair, options));
};

export async function report(cli: Cli, name: string | undefined, options: ReportOptions): Promise<void> {
  const periodMs = parseLength(options.period, '--period');
  const spec = await cli.loadSpec();
  const pairs = name === undefined ? spec.pairs : [cli.pair(spec, name)];
  const store = openStore(spec.coordinator.data, (sentence) => cli.output.warn(`warning: ${sentence}`));
  try {
    const { allTargets, makeReport, sendReport } = await import('../report/make-report.ts');
    const missed = await missedNow(spec, store);
    const timezone = spec.reports?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const health = await makeReport({ spec, pairs, store, periodMs, missed, timezone, signal: cli.signal });
    const language = options.language ?? spec.reports?.language ?? 'en';
    if (options.open === true) await place(cli, spec, renderReport(health, language));
    else print(cli.output, health, options.format, language);
    if (options.send !== true) return;
    const { events } = store;
    const record = (event: Parameters<typeof events.append>[0]) => events.append(event);
    const to = allTargets(spec);
    const request = { spec, to, language, kept: null, record, signal: cli.signal };
    sayOutcomes(cli, await sendReport(health, request));
  } finally {
    store.close();
  }
}

async function missedNow(spec: HotpairSpec, store: Store): Promise<number[]> {
  if (spec.reports === null) return [];
  const [{ lastScheduled }, { missedTimes }] = await Promise.all([
    import('../report/kept-schedules.ts'),
    import('../report/schedule.ts'),
  ]);
  const { schedules, timezone } = spec.reports;
  const missed = schedules.flatMap(({ name, cron }) => {
    const last = lastScheduled(store, name);
    return last === null ? [] : missedTimes(cron, timezone, last, Date.now());
  });
  return missed.toSorted((a, b) => a - b);
}

function print(output: Output, report: HealthReport, format: Format, language: Language): void {
  const text =
    format === 'text'
      ? formatText(report, language, paintOf(output.style))
      : renderReport(report, language)[format];
  for (const line of text.trimEnd().split('\n'))
    output.line(line, /^ *\d+\. \S+ +/.exec(stripVTControlCharacters(line))?.[0].length);
  output.result(report);
}

/** Throws AppError DELIVERY_FAILED. */
async function place(cli: Cli, spec: HotpairSpec, rendered: RenderedReport): Promise<void> {
  const { reportsFolder } = await import('../report/make-report.ts');
  await deliverFolder(rendered, reportsFolder(spec));
  const file = join(reportsFolder(spec), `${rendered.name}.html`);
  cli.output.line(file);
  cli.output.result({ ...rendered.report, file });
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
