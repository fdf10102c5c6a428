/**
 * Tells everybody else what the guard decided and how things stand: log lines, the decisions for the coordinator's
 * explanations, the time that a takeover took, and the status file. Nothing here decides anything.
 */

import type { GuardState } from '../../shared/model/facts.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { Step } from '../../shared/pair/decide.ts';
import { isPrimary, type NodeFacts, type NodeState } from '../../shared/pair/node-state.ts';
import type { Proposal } from '../../shared/pair/proposal.ts';
import type { Row } from '../../shared/pair/table.ts';
import type { Timing } from '../../shared/pair/timing.ts';
import type { NodeId, VoterId } from '../../shared/pair/weights.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { GuardConfig } from './config.ts';
import type { LocalDatabase } from './database/local-database.ts';
import { DecisionLog } from './decision-log.ts';
import type { Permit } from './permit.ts';
import { PromotionClock } from './promotion-clock.ts';
import { roleOf, votingState } from './status.ts';
import { StatusFile } from './status-file.ts';
import type { VipWatch } from './vip.ts';

export interface TellerParts {
  readonly config: GuardConfig;
  readonly id: NodeId;
  readonly boot: number;
  readonly timing: Timing;
  readonly database: LocalDatabase;
  readonly permit: Permit;
  readonly vip: VipWatch;
  readonly log: Logger;
}

export class Teller {
  readonly #parts: TellerParts;
  readonly #names: Readonly<Record<NodeId, string>>;
  readonly #decisions: DecisionLog;
  readonly #promotion = new PromotionClock();
  readonly #status = new StatusFile(HOST_PATHS.guardStatus);
  /** Who accepted the record of the ballot that has just ended, until a row tells it. */
  #accepted: readonly string[] = [];
  #reason = 'The guard has just started.';
  #row = '';

  constructor(parts: TellerParts) {
    this.#parts = parts;
    const { config, id, boot, log } = parts;
    const { host, peer } = config;
    this.#names = id === 'A' ? { A: host, B: peer.name } : { A: peer.name, B: host };
    this.#decisions = new DecisionLog(boot, log);
  }

  /** A voter's answer was heard: it may be the one that ended the ballot. */
  answered(before: NodeState, after: NodeState | null, from: VoterId): void {
    const ballot = before.proposal;
    if (ballot !== null && ballot.asked !== null && after?.proposal === null)
      this.#accepted = [...ballot.accepted, from];
  }

  /** A look is over: what was heard before it is told. */
  looked(): void {
    this.#accepted = [];
  }

  row(before: NodeState, step: Step, row: Row, facts: NodeFacts): void {
    const { state } = step;
    this.#promotion.sawRow(row, performance.now());
    const same = row.id === this.#row && state.phase === before.phase;
    this.#row = row.id;
    if (same) return;
    this.#reason = this.#reasonOf(row, state);
    const decision = this.#decision(before, step, row);
    this.#accepted = [];
    this.#parts.log.info(decision, this.#reason);
    this.#decisions.add({
      ...{
        ...decision,
        reason: this.#reason,
        facts: { ...facts },
        positions: this.#parts.database.positions,
      },
      clock: Math.round(performance.now() * 10) / 10,
    });
  }

  /** The virtual address has come to this host, or left it. */
  vipMoved(state: NodeState | null): void {
    const { vip, config, log } = this.#parts;
    const here = vip.view.present;
    log.info({ vip: config.vip, here }, 'The address has moved.');
    if (here && state !== null && isPrimary(state)) this.#promotion.serves(performance.now());
  }

  /** Writes the status. `founding`: why there is no state yet. */
  status(state: NodeState | null, founding: string): void {
    const { permit, vip, timing } = this.#parts;
    const common = {
      permit: permit.granted,
      hasVip: vip.view.present,
      lastPromotion: this.#promotion.last,
    };
    if (state === null) {
      this.#status.write({ ...common, role: 'down', reason: founding, row: '', voting: null });
      return;
    }
    const now = performance.now();
    const decision = this.#decisions.last;
    this.#status.write({
      ...{ ...common, role: this.#role(state), reason: this.#reason, row: this.#row },
      voting: votingState({ state, now, timing, names: this.#names, decision }),
    });
  }

  /** Of a host that needs a person, with what that person has to deal with. */
  #reasonOf({ reason }: Row, { phase }: NodeState): string {
    const trouble = phase === 'NEEDS_REPAIR' ? this.#parts.database.trouble : null;
    return trouble === null ? reason : `${reason} ${trouble}`;
  }

  #decision(before: NodeState, { state, effects }: Step, row: Row) {
    const { decided, proposal } = state;
    return {
      row: row.id,
      from: before.phase,
      to: state.phase,
      epoch: decided?.epoch ?? null,
      primary: decided === null ? null : this.#names[decided.primary],
      mode: decided?.mode ?? null,
      ballot: proposal?.epoch ?? null,
      voters: [...(proposal === null ? this.#accepted : votersOf(proposal))],
      effects: effects.map(({ kind }) => kind).filter((kind) => kind !== 'send'),
    };
  }

  #role(state: NodeState): GuardState['role'] {
    const { heldDown, facts } = this.#parts.database;
    return heldDown && facts.server !== 'up' ? 'maintenance' : roleOf(state, this.#parts.vip.view.present);
  }
}

/** Who promised, or accepted once they were asked to. */
function votersOf({ asked, promises, accepted }: Proposal): string[] {
  return asked === null ? Object.keys(promises) : [...accepted];
}
