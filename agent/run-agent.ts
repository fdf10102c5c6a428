/** The life of the agent process: configuration, server, and a tidy end on SIGTERM or SIGINT. */

import { once } from 'node:events';
import { createLogger } from '../shared/runtime/logger.ts';
import { createAgent } from './agent.ts';
import { readAgentConfig } from './config.ts';
import { startServer } from './server.ts';

/** Ends with 0 after a signal; throws AppError where it cannot start. */
export async function runAgent(configPath: string): Promise<number> {
  process.umask(0o022);
  const config = await readAgentConfig(configPath);
  const log = createLogger('agent');
  const agent = await createAgent(config, log);
  const server = await startServer(agent);
  log.info({ address: server.address, port: server.port, host: config.host }, 'agent listens');
  const ended = new AbortController();
  const [signal] = await Promise.race([
    once(process, 'SIGTERM', { signal: ended.signal }).then(() => ['SIGTERM']),
    once(process, 'SIGINT', { signal: ended.signal }).then(() => ['SIGINT']),
  ]);
  log.info({ signal }, 'agent ends');
  await server.close();
  agent.close();
  return 0;
}
