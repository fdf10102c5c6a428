/**
 * Holds the import rules of .dependency-cruiser.mjs over the whole tree, and fails when the cruise saw fewer modules than
 * there are source files: a cruiser that understands nothing finds no violation either.
 */

import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['agent', 'coordinator', 'shared', 'install', 'test', 'bench', 'docs'];

process.chdir(ROOT);
process.exitCode = await checkArchitecture();

async function checkArchitecture(): Promise<number> {
  const files = globSync(FOLDERS.map((folder) => `${folder}/**/*.{ts,tsx,mjs}`));
  const folders = FOLDERS.filter((folder) => files.some((file) => file.startsWith(`${folder}/`)));
  const options = await extractDepcruiseOptions('./.dependency-cruiser.mjs');
  const { output } = await cruise(folders, options);
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered text instead of a result');
  return judge(output, files);
}

function judge({ modules, summary }: ICruiseResult, files: readonly string[]): number {
  const seen = new Set(modules.map(({ source }) => source));
  const missed = files.filter((file) => !seen.has(file));
  const edges = modules.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
  for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
  for (const file of missed) console.error(`not cruised: ${file}`);
  if (edges < files.length) console.error(`only ${edges} imports were found in ${files.length} files`);
  const bad = summary.violations.length + missed.length;
  console.log(
    `architecture: ${files.length} modules, ${edges} imports, ${summary.violations.length} violations`,
  );
  return bad > 0 || edges < files.length ? 1 : 0;
}
