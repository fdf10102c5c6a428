/** Reads the agent's own file; what is wrong with it is said by field, before anything listens. */

import { readFile } from 'node:fs/promises';
import { AppError } from '../shared/errors/app-error.ts';
import { type AgentConfig, AgentConfigSchema, completeAgentConfig } from '../shared/model/agent-config.ts';
import { decode } from '../shared/protocol/decode.ts';

/** Throws CONFIG_INVALID where the file is missing, is not JSON or does not fit the schema. */
export async function readAgentConfig(path: string): Promise<AgentConfig> {
  return parseAgentConfig(await readText(path), path);
}

export function parseAgentConfig(text: string, path: string): AgentConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `${path} is not JSON; run coordinator agent install again.`, {
      cause: error,
    });
  }
  return completeAgentConfig(decode(AgentConfigSchema, value, path, 'CONFIG_INVALID'));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError(
      'CONFIG_INVALID',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}. Run coordinator agent install.`,
      { cause: error },
    );
  }
}
