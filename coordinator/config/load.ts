/** Reads hotpair.yaml: text to a validated HotpairSpec. Every problem of the file is reported at once, with its place. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import { AlertsSchema } from '../../shared/model/alerts-file.ts';
import { CoordinatorSchema } from '../../shared/model/coordinator-file.ts';
import { HotpairFileSchema, PairSchema } from '../../shared/model/hotpair-file.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { ReportsSchema } from '../../shared/model/reports-file.ts';
import { decode, fits } from '../../shared/protocol/decode.ts';
import { checkAlerts } from './alert-rules.ts';
import { checkCoordinator } from './coordinator-rules.ts';
import { readDocument } from './document.ts';
import { checkFleet } from './fleet-rules.ts';
import { normalize } from './normalize.ts';
import { checkPair, type PairFile } from './pair-rules.ts';
import { invalidFile, type Path, type Problem, pathText, type Report } from './problems.ts';
import { mapOf, prune } from './prune.ts';
import { checkReports } from './report-rules.ts';
import { checkStructure } from './structure.ts';

/** Throws AppError CONFIG_INVALID. */
export async function loadSpec(file: string): Promise<HotpairSpec> {
  const path = resolve(file);
  return parseSpec(await readText(path), path);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const what = reason ? `There is no file ${path}` : `${path} cannot be read (${String(error)})`;
    throw new AppError('CONFIG_INVALID', `${what}; coordinator init writes one to begin with.`, {
      cause: error,
    });
  }
}

/** `path` is absolute; relative paths in the file count from its folder. Throws AppError CONFIG_INVALID. */
export function parseSpec(text: string, path: string): HotpairSpec {
  const document = readDocument(text);
  const problems: Problem[] = [...document.problems];
  const wrong: Path[] = [];
  const report: Report = (at, message, what) => {
    const place = what === 'key' ? document.placeOfKey(at) : document.placeOf(at);
    problems.push({ ...place, path: pathText(at), message });
    wrong.push(at);
  };

  if (document.value === null) report([], 'the file is empty; coordinator init writes one to begin with');
  else if (problems.length === 0) {
    checkStructure(HotpairFileSchema, document.value, [], report);
    checkRules(prune(document.value, wrong), report);
  }
  if (problems.length > 0) throw invalidFile(path, problems);
  return normalize(decode(HotpairFileSchema, document.value, path, 'CONFIG_INVALID'), dirname(path));
}

/** Rules need well-formed parts: one that is not well-formed after pruning is left out. */
function checkRules(value: unknown, report: Report): void {
  const { pairs, reports, alerts, coordinator } = mapOf(value);
  const good = Object.entries(mapOf(pairs)).filter((entry): entry is [string, PairFile] =>
    fits(PairSchema, entry[1]),
  );
  for (const [name, pair] of good) checkPair(pair, ['pairs', name], report);
  const own = fits(CoordinatorSchema, coordinator) ? coordinator : undefined;
  if (own !== undefined) checkCoordinator(own, report);
  checkFleet(good, own?.agent_port, report);
  if (fits(ReportsSchema, reports)) checkReports(reports, own?.smtp, report);
  if (fits(AlertsSchema, alerts)) checkAlerts(alerts, own?.smtp, report);
}
