/** What an operator asks for, and what an operator does wrong. */

import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { LabHost } from '../lab/lab.ts';
import { sql } from '../lab/load/tables.ts';
import { holdWorkTables } from '../lab/load/work-tables.ts';
import { onlyRetryable, saysWhy, silentAfter } from './also.ts';
import type { Fault } from './fault.ts';
import { kill, losePower, SERVER, switchOver } from './steps.ts';

/** A statement on the primary that goes on while the switchover is asked for. */
const during =
  (statements: (database: string) => string, prepare?: (database: string) => string) =>
  (): Pick<Fault, 'prepare' | 'inject'> => ({
    prepare: async ({ stage, a }) => {
      if (prepare !== undefined) await sql(a, prepare(stage.pair.account.database), 60_000);
    },
    inject: async (scene) => {
      const { stage, a, b } = scene;
      const busy = sql(a, statements(stage.pair.account.database), 60_000).catch(() => undefined);
      await delay(500);
      await switchOver(scene, b.name);
      await busy;
    },
  });

async function untilHeld(host: LabHost): Promise<void> {
  const sleeping = "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%' LIMIT 1;";
  const held = async () => (await sql(host, sleeping)).length > 0 || undefined;
  await waitFor('the tables to be held', held, { deadlineMs: 3000, intervalMs: 20 });
}

const planned = { failover: 'any', outageMs: 500 } as const;
const switches = 10;

export const operatorFaults: readonly Fault[] = [
  {
    id: '27a',
    name: 'planned switchover during a long statement',
    ...during((db) => `BEGIN; UPDATE ${db}.load_marker SET n = n + SLEEP(6); ROLLBACK;`)(),
    holdMs: 2000,
    expect: planned,
  },
  {
    id: '27b',
    name: 'planned switchover during LOCK TABLES',
    ...during((db) => `LOCK TABLES ${db}.load_marker WRITE; SELECT SLEEP(6); UNLOCK TABLES;`)(),
    holdMs: 2000,
    expect: planned,
  },
  {
    id: '27c',
    name: 'planned switchover during ALTER TABLE',
    ...during(
      (db) => `ALTER TABLE ${db}.big FORCE, ALGORITHM=COPY;`,
      (db) =>
        `DROP TABLE IF EXISTS ${db}.big; CREATE TABLE ${db}.big (PRIMARY KEY (seq)) AS SELECT seq FROM ${db}.seq_1_to_500000;`,
    )(),
    holdMs: 2000,
    expect: planned,
  },
  {
    id: '28',
    name: `planned switchover, ${switches} times`,
    inject: async (scene) => {
      for (let time = 0; time < switches; time += 1) {
        await switchOver(scene, (time % 2 === 0 ? scene.b : scene.a).name);
        await scene.stage.whole(15_000);
      }
    },
    holdMs: 1000,
    expect: { ...planned, also: [onlyRetryable] },
  },
  {
    id: '29',
    name: 'the standby dies during a planned switchover',
    inject: async (scene) => {
      const asked = switchOver(scene, scene.b.name);
      const atMs = Math.round(scene.random.between(200, 2000));
      const how = scene.random.pick(['server', 'power']);
      scene.note(`${how} of the standby ${atMs} ms after the command`);
      await delay(atMs);
      await (how === 'server' ? kill(scene.stage, scene.b, SERVER) : losePower(scene.stage, scene.b));
      await asked;
    },
    holdMs: 3000,
    expect: { failover: 'any', outageMs: 1500 },
  },
  {
    id: '32',
    name: "a row of root's own on the standby, then the primary's server dies",
    prepare: async ({ stage, a }) => {
      const { database } = stage.pair.account;
      await sql(a, `CREATE TABLE IF NOT EXISTS ${database}.errant (id INT PRIMARY KEY AUTO_INCREMENT);`);
    },
    inject: async ({ stage, a, b }) => {
      await sql(b, `SET sql_log_bin = 1; INSERT INTO ${stage.pair.account.database}.errant VALUES ();`);
      await delay(3000);
      await kill(stage, a, SERVER);
    },
    holdMs: 10_000,
    expect: { failover: 'no', outageMs: null, back: 'operator', also: [saysWhy('b', /0-\d+-\d+/)] },
  },
  {
    id: '33',
    name: 'a table made on the primary that is cut off',
    inject: async ({ stage, a, b, table }) => {
      // Behind rows that wait for an acknowledgement it would not reach the log, and be rolled back like them.
      const held = holdWorkTables(a, table, 5).catch(() => undefined);
      await untilHeld(a);
      await stage.lab.faults.partition([a.name], [b.name, 'operator']);
      const made = sql(a, `CREATE TABLE ${table.database}.unacknowledged (id INT PRIMARY KEY);`, 5000);
      await made.catch(() => undefined); // it waits for an acknowledgement until its server is killed
      await held;
    },
    holdMs: 4000,
    expect: {
      ...{ failover: 'yes', outageMs: 1500, back: 'operator' },
      also: [silentAfter(900), saysWhy('a', /Only here: 0-\d+-\d+/)],
    },
  },
];
