/** The health reports that are kept in the reports folder. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportList } from '../../shared/api/history.ts';
import { AppError } from '../../shared/errors/app-error.ts';

type Format = ReportList['reports'][number]['formats'][number];

const FORMATS: Readonly<Record<Format, { readonly extension: string; readonly type: string }>> = {
  json: { extension: 'json', type: 'application/json; charset=utf-8' },
  html: { extension: 'html', type: 'text/html; charset=utf-8' },
  text: { extension: 'txt', type: 'text/plain; charset=utf-8' },
};
/** Names begin with their time, so their order is the order of age. */
const REPORT_FILE = /^(\d{4}-\d\d-\d\dT[A-Za-z0-9_-]+)\.(txt|html|json)$/;
const MOST = 500;

/** Newest first. A folder that is not there yet has none. */
export async function listReports(folder: string): Promise<ReportList> {
  const files = await readdir(folder).catch(() => []);
  const formats = new Map<string, Format[]>();
  for (const file of files) {
    const [, name = '', extension] = REPORT_FILE.exec(file) ?? [];
    const format = (Object.keys(FORMATS) as Format[]).find((one) => FORMATS[one].extension === extension);
    if (format !== undefined) formats.set(name, [...(formats.get(name) ?? []), format].sort());
  }
  const names = [...formats.keys()].sort().reverse().slice(0, MOST);
  return { reports: names.map((name) => ({ name, formats: formats.get(name) ?? [] })) };
}

/** `name` fits the schema of its route: it names no other folder. Throws AppError NOT_FOUND. */
export async function readReport(
  folder: string,
  name: string,
  format: Format,
): Promise<{ type: string; body: string }> {
  const { extension, type } = FORMATS[format];
  const file = `${name}.${extension}`;
  if (REPORT_FILE.test(file))
    try {
      return { type, body: await readFile(join(folder, file), 'utf8') };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  throw new AppError('NOT_FOUND', `There is no report ${name} as ${format}: GET /v1/reports lists them.`);
}
