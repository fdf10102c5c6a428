/** Alerting rules and dashboard: sound, tried by promtool, and about metrics that there are. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { parse } from 'yaml';
import { ensurePrometheus } from '../lab/prometheus.ts';
import { run } from '../lab/run.ts';
import { needsLab } from '../support/needs-lab.ts';
import { serveApi } from '../support/serve-api.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const RULES = pathOf('../../install/prometheus/hotpair.rules.yml');
const CASES = pathOf('./prometheus-rules.yml');
const DASHBOARD = pathOf('../../install/grafana/hotpair.json');
const FILES = { 'the rules': RULES, 'their tests': CASES, 'the dashboard': DASHBOARD };

/** hotpair's names, and what prom-client calls a Node process. */
const NAME = /\b(?:hotpair|nodejs|process)_[a-z0-9_]+/g;

test('every metric that rules and dashboard name is one of the coordinator', async (t) => {
  const { ask } = await serveApi(t);
  const { text } = await ask('/metrics');
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const known = new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => `${name}${part}`) : [name],
    ),
  );
  t.ok(known.size > 40);
  for (const [what, file] of Object.entries(FILES)) {
    const named = new Set(readFileSync(file, 'utf8').match(NAME) ?? []);
    t.ok(named.size > 10, what);
    for (const name of named) t.ok(known.has(name), `${what}: ${name}`);
  }
});

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly description: string };
    }[];
  }[];
}

test('every rule says how urgent it is and what to do, and is tried', async (t) => {
  const { groups } = parse(readFileSync(RULES, 'utf8')) as RuleFile;
  const cases = readFileSync(CASES, 'utf8');
  for (const { alert, labels, annotations } of groups.flatMap(({ rules }) => rules)) {
    t.match(labels.severity, /^(warning|critical)$/, alert);
    t.ok(annotations.summary.length > 10 && annotations.description.length > 20, alert);
    t.ok(cases.includes(alert), `${alert} is tried`);
  }
});

test('promtool: the rules are sound and fire when they should', { skip: needsLab() }, async (t) => {
  const { promtool } = await ensurePrometheus((line) => t.comment(line));
  const checked = await run([promtool, 'check', 'rules', '--lint-fatal', RULES]);
  t.match(checked.stdout, /SUCCESS: \d+ rules found/);
  const file = join(t.testdir(), 'cases.yml');
  writeFileSync(file, readFileSync(CASES, 'utf8').replace('RULES', RULES));
  t.match(await run([promtool, 'test', 'rules', file], { check: false }), { code: 0 });
});
