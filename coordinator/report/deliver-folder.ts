/** Puts a report into a folder: NAME.txt, NAME.html and NAME.json, each complete or not there at all. */

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { RenderedReport } from './rendered-report.ts';

/** Throws AppError DELIVERY_FAILED. */
export async function deliverFolder(report: RenderedReport, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    for (const form of ['html', 'json', 'text'] as const) {
      const path = join(folder, `${report.name}.${form === 'text' ? 'txt' : form}`);
      const temporary = `${path}.${process.pid}.tmp`;
      await writeFile(temporary, report[form], { mode: 0o640, flush: true });
      await rename(temporary, path);
    }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new AppError('DELIVERY_FAILED', `The report could not be written to ${folder}: ${words}.`, {
      cause: error,
    });
  }
}
