/** What the guard last wrote about itself; null when it is silent. */

import { type GuardState, GuardStateSchema } from '../../shared/model/facts.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { decode } from '../../shared/protocol/decode.ts';
import { readTextOrNull } from './files.ts';

const SILENT_MS = 2000;

export async function readGuardStatus(
  path: string = HOST_PATHS.guardStatus,
  now: number = Date.now(),
): Promise<GuardState | null> {
  const text = await readTextOrNull(path);
  if (text === null) return null;
  try {
    const state = decode(GuardStateSchema, JSON.parse(text), path);
    return now - state.updated > SILENT_MS ? null : state;
  } catch {
    return null; // Of another version, or not a status at all: as good as silent.
  }
}
