/** The witness of all pairs, a part of the daemon: one process, and of each pair a vote of its own. */

import { createSecureContext, type SecureContext } from 'node:tls';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createGate } from '../agents/gate.ts';
import { loadOrCreatePki } from '../agents/pki.ts';
import type { NewEvent } from '../store/event-log.ts';
import { keptLedgers } from './ledger-store.ts';
import { PairWitness } from './pair-witness.ts';

/** The coordinator's certificate is renewed while the daemon runs. */
const IDENTITY_MS = 3_600_000;
const AGAIN_MS = 10_000;
const LOOK_MS = 200;
/** Dialers under way: a handshake takes 3 ms of a processor and is given up after 500 ms; a host that is away holds its place for 300 ms. */
const AT_ONCE = 32;

export interface WitnessOptions {
  readonly spec: HotpairSpec;
  readonly log: Logger;
  readonly record: (event: NewEvent) => void;
}

export interface Witness {
  stop(): Promise<void>;
}

/** Begins in the background; what keeps it from voting is in the log, and is tried again. */
export function startWitness({ spec, log, record }: WitnessOptions): Witness {
  const { data, agentPort } = spec.coordinator;
  let context: SecureContext | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const gate = createGate(AT_ONCE);
  const witnesses = spec.pairs.map(
    (pair) =>
      new PairWitness({
        ...{ pair, data, agentPort, gate, record, log: log.child({ pair: pair.name }) },
        // Asked for by dialers, which start after it was read.
        context: () => context as SecureContext,
      }),
  );
  const idle = new Set(witnesses);
  const lookAround = (): void => {
    const kept = keptLedgers(data);
    for (const witness of witnesses) if (!idle.has(witness)) witness.look(kept);
  };
  const looks = setInterval(lookAround, LOOK_MS);

  const begin = async (): Promise<void> => {
    context = await readContext(data);
    for (const witness of idle) {
      await witness.start();
      idle.delete(witness);
    }
  };
  const look = async (): Promise<void> => {
    let nextMs = IDENTITY_MS;
    try {
      await begin();
    } catch (error) {
      nextMs = AGAIN_MS;
      log.error({ err: error }, 'the witness cannot vote');
    }
    if (!stopped) timer = setTimeout(() => (looking = look()), nextMs);
  };
  let looking = look();
  return {
    async stop() {
      stopped = true;
      clearInterval(looks);
      clearTimeout(timer);
      await looking;
      await Promise.all(witnesses.map((witness) => witness.stop()));
    },
  };
}

async function readContext(data: string): Promise<SecureContext> {
  const identity = (await loadOrCreatePki(data)).clientIdentity();
  return createSecureContext({ ...identity, minVersion: 'TLSv1.3' });
}
