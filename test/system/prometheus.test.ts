// A real Prometheus beside the coordinator of a real pair: what it scrapes, and which of the alerting rules fire.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ensurePrometheus } from '../lab/prometheus.ts';
import { deployPair, follow, readStatus } from '../support/deployed-pair.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 400_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

const ADDRESS = '127.0.0.1:9090';
const ASK = fileURLToPath(new URL('../support/ask-api.ts', import.meta.url));
const RULES = fileURLToPath(new URL('../../install/prometheus/hotpair.rules.yml', import.meta.url));

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: [number, string];
    }[];
  };
}

/** Runs in the operator's network, as the coordinator does; ends with the scope. */
async function startPrometheus(lab: Lab, coordinatorUrl: string, token: string) {
  const { prometheus } = await ensurePrometheus(() => undefined);
  const folder = join(lab.directory, 'prometheus');
  const file = join(folder, 'prometheus.yml');
  const target = new URL(coordinatorUrl).host;
  mkdirSync(folder);
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
  writeFileSync(
    file,
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${RULES}]
scrape_configs:
  - job_name: hotpair
    authorization: { credentials_file: ${join(folder, 'token')} }
    static_configs: [{ targets: ["${target}"] }]
`,
  );
  const storage = `--storage.tsdb.path=${join(folder, 'data')}`;
  const argv = [prometheus, `--config.file=${file}`, storage, `--web.listen-address=${ADDRESS}`];
  const [program = '', ...args] = [...lab.operatorArgv, ...argv];
  const child = spawn(program, args, { stdio: 'ignore' });
  const query = async (expression: string): Promise<Answer['data']['result']> => {
    const url = `http://${ADDRESS}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { stdout, code } = await runCommand([...lab.operatorArgv, process.execPath, ASK, 'GET', url], {
      ...{ timeoutMs: 30_000, check: false },
    });
    return code === 0 ? (JSON.parse(stdout) as Answer).data.result : [];
  };
  return {
    query,
    /** Waits until a query has an answer that is not empty. */
    sees: (what: string, expression: string) =>
      waitFor(
        what,
        async () => {
          const result = await query(expression);
          return result.length > 0 ? result : undefined;
        },
        { deadlineMs: 150_000, intervalMs: 1000 },
      ),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('a Prometheus tells of a takeover, and of a host that is lost', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = await deployPair(lab);
  const { token } = await coordinator.documentOf('token', 'create', 'prometheus');
  await using daemon = follow(coordinator, 'serve');
  const url = /(http\S+)\/$/.exec(await daemon.said(/^Watching orders/))?.[1] ?? '';
  await using prometheus = await startPrometheus(lab, url, String(token));
  const status = readStatus(coordinator);
  const { primary } = await status.roles();
  await status.inSync();
  t.match(await prometheus.sees('the pair in SYNC', 'hotpair_pair_sync == 1'), [
    { metric: { pair: 'orders' } },
  ]);
  t.match(await prometheus.sees('the VIP', 'hotpair_vip_holder == 1'), [{ metric: { host: primary } }]);
  t.same(await prometheus.query('ALERTS{alertstate="firing"}'), [], 'of a pair that is well nothing is told');

  await lab.host(primary).exec(['pkill', '-9', 'mariadbd']);
  const firing = (name: string): string => `ALERTS{alertstate="firing", alertname="${name}"}`;
  t.match(await prometheus.sees('the takeover', firing('HotpairFailover')), [
    { metric: { cause: 'server-down', severity: 'warning' } },
  ]);
  t.same(await prometheus.query(firing('HotpairCoordinatorDown')), []);

  await lab.host(primary).powerLoss();
  t.match(await prometheus.sees('the silent host', firing('HotpairAgentSilent')), [
    { metric: { pair: 'orders', host: primary } },
  ]);
});
