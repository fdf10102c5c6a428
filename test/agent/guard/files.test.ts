import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import { Value } from 'typebox/value';
import { parseGuardConfig } from '../../../agent/guard/config.ts';
import { pauseMs } from '../../../agent/guard/database/start-options.ts';
import { Pause } from '../../../agent/guard/pause.ts';
import { Permit } from '../../../agent/guard/permit.ts';
import { type StatusContent, StatusFile } from '../../../agent/guard/status-file.ts';
import { GuardStateSchema } from '../../../shared/model/facts.ts';
import { GuardConfigSchema } from '../../../shared/model/guard-config.ts';

const CONFIG = {
  pair: 'orders',
  host: 'db1',
  ordinal: 1,
  vip: '10.88.0.10',
  vipPrefix: 24,
  interface: 'eth0',
  peer: { name: 'db2', address: '10.88.0.12' },
  voting: { address: '10.88.0.11', port: 7434, protection: 'availability' },
  database: {
    socket: '/run/mysqld/mysqld.sock',
    port: 3306,
    replicationUser: 'hotpair_repl',
    replicationPassword: 'secret',
    ca: '/etc/mysql/hotpair/ca.crt',
  },
};

test('the configuration gets its defaults, and mistakes are named with their place', (t) => {
  const config = parseGuardConfig(JSON.stringify(CONFIG), '/etc/hotpair/guard.json');
  t.equal(config.database.unit, 'mariadb.service');
  t.equal(config.timing.hangMs, 600);
  t.equal(config.voting.fence, undefined, 'nftables');
  const timed = parseGuardConfig(JSON.stringify({ ...CONFIG, timing: { hangMs: 900 } }), 'x');
  t.match(timed.timing, { hangMs: 900, probeMs: 100 });
  const refused = (value: unknown): string => {
    try {
      parseGuardConfig(typeof value === 'string' ? value : JSON.stringify(value), '/etc/hotpair/guard.json');
      return 'accepted';
    } catch (error) {
      return String(error);
    }
  };
  t.match(refused('{'), /guard\.json is not JSON/);
  t.match(refused({ ...CONFIG, ordinal: 3 }), /ordinal/);
  t.match(refused({ ...CONFIG, vipp: 'x' }), /guard\.json does not fit/);
  t.notMatch(refused({ ...CONFIG, ordinal: 3 }), /secret/, 'the password is in no message');
  t.end();
});

test('the check by hand and the schema that the deploy renders from say the same', (t) => {
  const values = fc.constantFrom(
    '',
    'x',
    '/x',
    0,
    1,
    2,
    3,
    24,
    128,
    129,
    70_000,
    1.5,
    -1,
    null,
    true,
    [],
    {},
    'a-very-long-name-of-an-interface',
  );
  const paths = fc.constantFrom(
    ...['pair', 'host', 'ordinal', 'vip', 'vipPrefix', 'interface', 'peer', 'database', 'timing', 'unknown'],
    ...[
      'peer.name',
      'peer.address',
      'peer.unknown',
      'database.socket',
      'database.unit',
      'database.port',
      'database.ca',
    ],
    ...[
      'database.replicationUser',
      'database.replicationPassword',
      'timing.hangMs',
      'timing.aloneMs',
      'timing.unknown',
    ],
  );
  const accepts = (value: unknown): boolean => {
    try {
      parseGuardConfig(JSON.stringify(value), 'x');
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(paths, fc.option(values, { nil: undefined }), (path, value) => {
      const [first = '', second] = path.split('.');
      const config: Record<string, unknown> = structuredClone({ ...CONFIG, timing: {} });
      if (second === undefined) config[first] = value;
      else config[first] = { ...(config[first] as object), [second]: value };
      const written: unknown = JSON.parse(JSON.stringify(config));
      return accepts(written) === Value.Check(GuardConfigSchema, written);
    }),
    { numRuns: 2000 },
  );
  t.end();
});

test('the permit is written whole, and put right when keepalived has overwritten it', (t) => {
  const folder = t.testdir({});
  const path = join(folder, 'run', 'vip_permit');
  const permit = new Permit(path);
  t.notOk(permit.granted, 'no file is no permit');
  t.ok(permit.set(true));
  t.equal(readFileSync(path, 'utf8'), '1\n');
  t.notOk(permit.set(true), 'nothing to do');
  writeFileSync(path, '0');
  t.ok(permit.set(true));
  t.equal(readFileSync(path, 'utf8'), '1\n');
  t.ok(new Permit(path).granted, 'the next guard takes over what it finds');
  t.ok(permit.set(false));
  t.equal(readFileSync(path, 'utf8'), '0\n');
  t.same(readdirSync(join(folder, 'run')), ['vip_permit'], 'no temporary file is left');
  t.end();
});

test('the status is readable for the agent, and keeps the time of the last change', (t) => {
  const path = join(t.testdir({}), 'guard-status.json');
  const content: StatusContent = {
    role: 'standby',
    permit: true,
    hasVip: false,
    reason: 'The peer is the primary.',
    row: 'P9',
    lastPromotion: null,
    voting: null,
  };
  const status = new StatusFile(path);
  t.equal(status.read(), undefined);
  status.write(content);
  const first = status.read();
  t.ok(Value.Check(GuardStateSchema, first));
  status.write({ ...content, role: 'primary', lastPromotion: { drain: 2, open: 1 } });
  t.match(status.read(), { role: 'primary', lastPromotion: { drain: 2 } });
  t.ok((status.read()?.since ?? 0) >= (first?.since ?? 0));
  writeFileSync(path, '{"role":');
  t.equal(status.read(), undefined, 'a damaged file is none');
  t.ok(existsSync(path));
  t.end();
});

test('tries are repeated at once, then ever more slowly, and never given up', (t) => {
  t.same([0, 1, 2, 3, 4, 5, 99].map(pauseMs), [0, 1000, 5000, 10_000, 30_000, 60_000, 60_000]);
  const pause = new Pause(1000, 30_000);
  t.equal(pause.nextAt, 0);
  const waits = Array.from({ length: 8 }, () => {
    pause.tried();
    return Math.round((pause.nextAt - performance.now()) / 1000);
  });
  t.same(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
  pause.worked();
  t.equal(pause.nextAt, 0);
  t.end();
});
