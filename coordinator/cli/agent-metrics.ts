/** `coordinator agent metrics`: what Prometheus shows to the agents, which tell it their metrics and nothing else. */

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { METRICS_READER } from '../../shared/protocol/enrolment.ts';
import { replaceFile } from '../../shared/runtime/replace-file.ts';
import { makeOwnLeaf } from '../agents/own-leaf.ts';
import { agentGroup } from './agent-group.ts';
import type { Cli, RegisterCommand } from './frame.ts';

export const registerAgentMetrics: RegisterCommand = (program, cli) => {
  agentGroup(program)
    .command('metrics <folder>')
    .summary('a certificate with which Prometheus may read the metrics of the agents')
    .description(
      "Writes ca.crt, metrics.crt and metrics.key into the folder, for Prometheus's tls_config: agents answer GET /metrics to it, and nothing else. The daemon's own /metrics wants a token instead.",
    )
    .addHelpText('after', '\nExample:\n  coordinator agent metrics /etc/prometheus/hotpair')
    .action((folder: string) => writeCertificate(cli(), resolve(folder)));
};

async function writeCertificate(cli: Cli, folder: string): Promise<void> {
  const { data } = (await cli.loadSpec()).coordinator;
  const leaf = await makeOwnLeaf(data, { commonName: METRICS_READER, address: null, use: 'client' });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await replaceFile(join(folder, 'ca.crt'), leaf.ca, 0o644);
  await replaceFile(join(folder, 'metrics.key'), leaf.key, 0o600);
  await replaceFile(join(folder, 'metrics.crt'), leaf.cert, 0o644);
  cli.output.line(`${cli.output.style.green('✔')} ca.crt, metrics.crt and metrics.key are in ${folder}.`);
  cli.output.result({ folder, files: ['ca.crt', 'metrics.crt', 'metrics.key'] });
}
