/**
 * npm test: unit and contract tests side by side, then the system tests one after another (they share the machine's two
 * cores and one lab). `npm test -- PATH…` runs only the test files below these paths. The last line is the count.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { constants } from 'node:os';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  addCounts,
  type Counts,
  countsText,
  createTapReader,
  type FileReport,
  NOTHING,
} from './tap-summary.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TAP = fileURLToPath(new URL('../node_modules/.bin/tap', import.meta.url));
const LAB = fileURLToPath(new URL('../test/lab/main.ts', import.meta.url));
const SYSTEM = 'test/system/';

interface Group {
  readonly title: string;
  readonly files: readonly string[];
  /** Files at a time. */
  readonly jobs: number;
  /** Longest time of one file. */
  readonly timeoutSeconds: number;
}

/** The signal that ended this run: nothing more is started. */
let endedBy: NodeJS.Signals | undefined;

process.exitCode = await runTests(process.argv.slice(2));

async function runTests(paths: readonly string[]): Promise<number> {
  const files = findTests(paths);
  if (files.length === 0) {
    console.error(`There are no test files below ${paths.join(', ')}.`);
    return 2;
  }
  const isSystem = (file: string): boolean => file.startsWith(SYSTEM);
  if (paths.length === 0 || files.some(isSystem)) await prepareLab();
  const groups: Group[] = [
    {
      title: 'Unit and contract tests',
      files: files.filter((file) => !isSystem(file)),
      jobs: 2,
      timeoutSeconds: 300,
    },
    { title: 'System tests', files: files.filter(isSystem), jobs: 1, timeoutSeconds: 900 },
  ];
  let counts = NOTHING;
  for (const group of groups) {
    if (endedBy !== undefined) return 128 + constants.signals[endedBy];
    counts = addCounts(counts, await runGroup(group));
  }
  console.log(`\n${countsText(counts)}`);
  return counts.failed === 0 ? 0 : 1;
}

/** What the tests need of this machine is installed, and named, before the first of them. What fails here is for them to tell. */
async function prepareLab(): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  console.log('\nWhat the tests need of this machine');
  const child = spawn(execPath, [LAB, 'prepare', '--tests'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = endOf(child);
  for await (const line of createInterface({ input: child.stdout })) console.log(`  ${line}`);
  if ((await ended) === 0) console.log('  is there');
}

function findTests(paths: readonly string[]): string[] {
  const wanted = paths.map((path) => path.replace(/^\.\//, ''));
  return globSync('test/**/*.test.ts', { cwd: ROOT })
    .toSorted()
    .filter((file) => wanted.length === 0 || wanted.some((path) => file.startsWith(path)));
}

async function runGroup({ title, files, jobs, timeoutSeconds }: Group): Promise<Counts> {
  if (files.length === 0) return NOTHING;
  console.log(`\n${title}: ${files.length} files`);
  const options = ['--reporter=tap', `--jobs=${jobs}`, `--timeout=${timeoutSeconds}`];
  const child = spawn(execPath, [TAP, ...options, ...files], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = endOf(child);
  let counts = NOTHING;
  const reasons = new Set<string>();
  const read = createTapReader();
  for await (const line of createInterface({ input: child.stdout })) {
    const report = read(line);
    if (report === undefined) continue;
    printReport(report);
    for (const reason of report.skipReasons) reasons.add(reason);
    counts = addCounts(counts, report);
  }
  for (const reason of reasons) console.log(`  skipped: ${reason}`);
  return (await ended) === 0 || counts.failed > 0 ? counts : brokenRun(counts);
}

/** The exit code of a child, to which signals are passed on. */
async function endOf(child: ChildProcess): Promise<number> {
  const forward = (signal: NodeJS.Signals): void => {
    endedBy = signal;
    child.kill(signal);
  };
  process.on('SIGINT', forward).on('SIGTERM', forward);
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)));
  process.off('SIGINT', forward).off('SIGTERM', forward);
  return code;
}

function printReport(report: FileReport): void {
  const word = report.ok ? (report.passed === 0 ? 'skip' : 'ok') : 'FAILED';
  console.log(`  ${word.padEnd(6)}  ${report.file} (${countsText(report)}, ${report.seconds.toFixed(1)} s)`);
  for (const line of report.failures) console.log(`    ${line}`);
}

/** tap itself failed without a failed test: nothing that looks green may come out of that. */
function brokenRun(counts: Counts): Counts {
  console.log('  FAILED  tap ended with an error that no test file explains');
  return addCounts(counts, { ...NOTHING, failed: 1 });
}
