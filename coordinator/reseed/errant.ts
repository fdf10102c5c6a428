/** What only the host has: saved by its agent, and kept beside the coordinator's data, too, before anything is given up. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrantFacts, FilePiece, SqlReadFacts } from '../../shared/model/action-facts.ts';
import type { ActionName, ActionParams } from '../../shared/protocol/actions.ts';
import { replaceFile } from '../../shared/runtime/replace-file.ts';
import { type ActionOptions, type AgentLink, actionOrThrow } from '../agents/link.ts';

export interface SavedErrant extends ErrantFacts {
  /** The coordinator's copy; null where there was nothing to save. */
  readonly copy: string | null;
}

const READ_MS = 20_000;
const SAVE_MS = 3_600_000;
const STATE = 'SELECT @@GLOBAL.gtid_binlog_state AS state';

/** Facts of an action that has done what was asked for. */
export async function factsOf<N extends ActionName>(
  link: AgentLink,
  name: N,
  params: ActionParams<N>,
  options: ActionOptions = {},
): Promise<unknown> {
  return (await actionOrThrow(link, name, params, options)).facts;
}

export async function saveErrant(
  host: AgentLink,
  primary: AgentLink,
  dataFolder: string,
  options: ActionOptions,
): Promise<SavedErrant> {
  const { state } = await readState(primary);
  const name = `${host.host.name}-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  const params = { primaryState: state, name };
  const found = (await factsOf(host, 'errant-save', params, {
    ...options,
    deadlineMs: SAVE_MS,
  })) as ErrantFacts;
  if (found.count === 0) return { ...found, copy: null };
  const copy = join(dataFolder, 'errant', `${name}.sql`);
  await mkdir(join(dataFolder, 'errant'), { recursive: true, mode: 0o700 });
  await replaceFile(copy, await readPieces(host, name), 0o600);
  return { ...found, copy };
}

async function readState(primary: AgentLink): Promise<{ readonly state: string }> {
  // The agent answers by the table of facts.
  const facts = (await factsOf(
    primary,
    'sql-read',
    { query: STATE },
    { deadlineMs: READ_MS },
  )) as SqlReadFacts;
  const rows = 'rows' in facts ? facts.rows : [];
  return { state: String(rows[0]?.['state'] ?? '') };
}

async function readPieces(host: AgentLink, name: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    const piece = (await factsOf(
      host,
      'errant-read',
      { name, offset },
      { deadlineMs: READ_MS },
    )) as FilePiece;
    pieces.push(Buffer.from(piece.data, 'base64'));
    offset = piece.next;
  }
  return Buffer.concat(pieces);
}
