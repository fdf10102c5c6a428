/**
 * seed-position: the way back from a host that got a copy begins at the copy's position, because that host's binary log
 * does. All up to there is from this server, so nothing is left out.
 */

import { AppError } from '../../shared/errors/app-error.ts';
import type { SeedPositionFacts } from '../../shared/model/action-facts.ts';
import { coversGtid, readChannel } from '../host/replication-channel.ts';
import type { SqlSession } from '../host/sql.ts';
import { defineAction } from './action.ts';

interface PositionState {
  readonly slave: string;
  readonly binlog: string;
  readonly receives: boolean;
}

export const seedPosition = defineAction<'seed-position', PositionState>({
  resources: () => ['sql', 'replication'],
  check: (host) =>
    host.sql.session(
      async (session) => {
        const { channel, gtidBinlogPos, gtidSlavePos } = await readChannel(session);
        const receives = channel?.ioRunning === 'Yes';
        return { slave: gtidSlavePos, binlog: gtidBinlogPos, receives };
      },
      { signal: host.signal },
    ),
  plan: ({ slave }, { position }) =>
    coversGtid(slave, position) ? [] : [{ subject: 'way back', summary: `begin at ${position}` }],
  async apply(host, state, { position }) {
    if (state.receives)
      throw new AppError(
        'REFUSED',
        'This server replicates from the other host: its position is not changed.',
      );
    const known = (gtid: string): boolean => coversGtid(state.binlog, gtid) || coversGtid(state.slave, gtid);
    if (!position.split(',').every(known))
      throw new AppError(
        'REFUSED',
        `The copy's position ${position} is not of this server (${state.binlog}).`,
      );
    await host.sql.session((session) => move(session, position), { signal: host.signal, timeoutMs: 30_000 });
  },
  facts: ({ slave }): SeedPositionFacts => ({ position: slave }),
});

/** In strict mode the server refuses a position before the end of its own log. Both threads are stopped while it is off. */
async function move(session: SqlSession, position: string): Promise<void> {
  await session.query('STOP SLAVE');
  await session.query('SET GLOBAL gtid_strict_mode = 0');
  try {
    await session.query('SET GLOBAL gtid_slave_pos = ?', [position]);
  } finally {
    await session.query('SET GLOBAL gtid_strict_mode = 1');
  }
}
