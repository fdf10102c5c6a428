/** `npm run bench -- BENCH`: measures on the lab, prints a table, and with --json one document as the last line. */

import { benchCommits } from './commits.ts';
import { benchConsole } from './console.ts';
import { benchDeploy } from './deploy.ts';
import { benchFailover } from './failover.ts';
import { benchIdle } from './idle.ts';
import { runInterruptions } from './interruptions.ts';
import { thisMachine } from './machine.ts';
import { type BenchOptions, parseBenchOptions, usage } from './options.ts';
import { benchPairs } from './pairs.ts';
import { type BenchDocument, reportOf } from './report.ts';
import { benchRest } from './rest.ts';
import { saveResult, writeDocument } from './results.ts';

type Log = (line: string) => void;

async function main(): Promise<number> {
  const options = parseBenchOptions(process.argv.slice(2));
  if (options.bench === 'docs') {
    writeDocument();
    return 0;
  }
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => ending.abort(new Error(`ended by ${name}; the lab is removed`)));
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const document = await runBench(options, log, ending.signal);
  const kept = { ...document, machine: thisMachine(), measuredAt: new Date().toISOString() };
  process.stdout.write(`${reportOf(document)}\n`);
  if (options.save) saveResult(kept);
  if (options.json) process.stdout.write(`${JSON.stringify(kept)}\n`);
  return 'failed' in document && document.failed.length > 0 ? 1 : 0;
}

function runBench(options: BenchOptions, log: Log, signal: AbortSignal): Promise<BenchDocument> {
  switch (options.bench) {
    case 'failover':
      return benchFailover(options, log, signal);
    case 'deploy':
      return benchDeploy(options.runs, log, signal);
    case 'idle':
      return benchIdle(options.seconds, log, signal);
    case 'commits':
      return benchCommits({ ...options, log, signal });
    case 'interruptions':
      return runInterruptions({
        ...{ runs: options.runs, log, signal },
        ...(options.seed === undefined ? {} : { seed: options.seed }),
      });
    case 'pairs': {
      const { pairs, seconds, guards } = options;
      return benchPairs({ pairs, seconds, guards, log, signal });
    }
    case 'rest':
      return benchRest(log, signal);
    case 'console':
      return benchConsole({ runs: options.runs, seconds: options.seconds, log, signal });
    default:
      throw new Error(`${options.bench} measures nothing\n${usage}`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
