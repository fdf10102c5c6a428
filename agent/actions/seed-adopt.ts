/**
 * seed-adopt: the server runs with the copy, and its binary log begins at the copy's position. For a server that nobody
 * else starts meanwhile.
 *
 * Invariants: what was in the data folder is kept beside it; a server that does not start with the copy gets its former
 * data back; ended at any point, running it again goes on from there.
 */

import { rename, rm } from 'node:fs/promises';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { SeedAdoptFacts } from '../../shared/model/action-facts.ts';
import type { Change } from '../../shared/protocol/actions.ts';
import type { Host } from '../host/host.ts';
import { readUnit } from '../host/services.ts';
import { isThere, isUsableSeed, positionIn, SEED_PLACES } from '../seed/places.ts';
import { defineAction } from './action.ts';

const { data, incoming, seed, old } = SEED_PLACES;
const START_MS = 300_000;
const STOP_MS = 90_000;
const POSITION = 'SELECT @@GLOBAL.gtid_binlog_pos AS logged';

interface AdoptState {
  readonly seedReady: boolean;
  /** Position of the copy that is in the data folder. */
  readonly position: string | null;
  readonly active: boolean;
  /** The server's own log; null where it does not answer. */
  readonly logged: string | null;
}

export const seedAdopt = defineAction<'seed-adopt', AdoptState>({
  resources: () => ['data', `unit:${MARIADB.unit}`, 'sql', 'replication'],
  check,
  plan: planAdoption,
  apply: adopt,
  facts: ({ position }): SeedAdoptFacts => ({ position }),
});

async function check(host: Host): Promise<AdoptState> {
  const [seedReady, position, unit] = await Promise.all([
    isUsableSeed(),
    positionIn(data),
    readUnit(host, MARIADB.unit),
  ]);
  const active = unit.active === 'active';
  const logged = active && position !== null ? await readLogged(host) : null;
  return { seedReady, position, active, logged };
}

async function readLogged(host: Host): Promise<string> {
  const [row] = await host.sql.session((session) => session.query(POSITION), { signal: host.signal });
  return String(row?.['logged'] ?? '');
}

export function planAdoption({ seedReady, position, active, logged }: AdoptState): readonly Change[] {
  const subject = data;
  if (seedReady) return [{ subject, summary: 'put the copy into place and start the server with it' }];
  if (position === null) throw new AppError('NOT_FOUND', `There is no copy beside ${data}: fetch one first.`);
  if (!active) return [{ subject: MARIADB.unit, summary: 'start' }];
  return logged === '' ? [{ subject: 'binary log', summary: `begin at ${position}` }] : [];
}

async function adopt(host: Host, state: AdoptState): Promise<void> {
  if (state.seedReady) await swap(host);
  try {
    await host.run(host.platform.services.actionArgv('start', MARIADB.unit), { timeoutMs: START_MS });
  } catch (error) {
    if (state.seedReady) await swapBack(host);
    throw new AppError(
      'SERVER_START_FAILED',
      `The server does not start with the copy${state.seedReady ? `; its former data are in ${data} again` : ''}: ${toAppError(error).message}`,
      { cause: error },
    );
  }
  await beginLog(host);
}

/** A copy that an earlier run has put into place, and that is replaced itself now, was never anybody's own data. */
async function swap(host: Host): Promise<void> {
  await host.run(host.platform.services.actionArgv('stop', MARIADB.unit), { timeoutMs: STOP_MS });
  await host.run(host.platform.services.actionArgv('reset-failed', MARIADB.unit), {
    timeoutMs: 10_000,
    check: false,
  });
  if (await isThere(data)) {
    const copied = (await positionIn(data)) !== null;
    const kept = await isThere(old);
    if (kept && !copied)
      throw new AppError(
        'REFUSED',
        `${old} is there already, of an earlier time: move it away, then run this again.`,
      );
    if (kept) await rm(incoming, { recursive: true, force: true });
    await rename(data, kept ? incoming : old);
  }
  await rename(seed, data);
  await rm(incoming, { recursive: true, force: true });
}

async function swapBack(host: Host): Promise<void> {
  await host.run(host.platform.services.actionArgv('stop', MARIADB.unit), {
    timeoutMs: STOP_MS,
    check: false,
  });
  if (!(await isThere(old))) return;
  await rename(data, incoming);
  await rename(old, data);
}

/** The guard compares by the binary log, so that has to begin where the copy ends; a log that has begun stays. */
async function beginLog(host: Host): Promise<void> {
  const position = await positionIn(data);
  if (position === null || position === '')
    throw new AppError('INTERNAL', `The copy in ${data} does not tell its position.`);
  await host.sql.session(
    async (session) => {
      const [row] = await session.query(POSITION);
      if (String(row?.['logged'] ?? '') !== '') return;
      await session.query('STOP SLAVE');
      await session.query('RESET MASTER');
      await session.query('SET GLOBAL gtid_slave_pos = ?', [position]);
      await session.query('SET GLOBAL gtid_binlog_state = ?', [position]);
    },
    { signal: host.signal, timeoutMs: 30_000 },
  );
}
