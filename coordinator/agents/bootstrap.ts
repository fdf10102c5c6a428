/** Puts the agent onto one host and connects to it; nothing is done where it is right already. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { HostSpec, HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { AgentLink } from './link.ts';
import type { Pki } from './pki.ts';

export interface EnsureAgentOptions {
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Enrol a host that belongs to another coordinator. */
  readonly takeOver?: boolean;
}

export interface EnsuredAgent {
  readonly link: AgentLink;
  readonly changed: boolean;
}

export async function ensureAgent(
  _spec: HotpairSpec,
  host: HostSpec,
  _pki: Pki,
  _options: EnsureAgentOptions = {},
): Promise<EnsuredAgent> {
  throw new AppError('INTERNAL', `Installing the agent on ${host.name} is not there yet.`);
}
