/**
 * What each action of a decision does. A map over the kinds of actions: one that is forgotten does not compile.
 * Actions have connections of their own, opened ahead of need; stopping replication can take seconds, so it does not
 * share one with the rest.
 */

import type { Logger } from '../../shared/runtime/logger.ts';
import type { ChannelWatch } from './channel-watch.ts';
import type { GuardConfig } from './config.ts';
import type { ActionKind, GuardAction } from './decide.ts';
import { LinkKeeper } from './link-keeper.ts';
import type { LocalServer } from './local-server.ts';
import { Pause } from './pause.ts';
import type { PeerView } from './peer-view.ts';
import { startChannel, stopChannel } from './replication.ts';
import { demote, promote } from './role.ts';
import { ServerControl } from './server-control.ts';
import type { VipWatch } from './vip.ts';

export interface Watches {
  readonly server: LocalServer;
  readonly peer: PeerView;
  readonly vip: VipWatch;
  readonly channel: ChannelWatch;
}

type Executors = { readonly [K in ActionKind]: (action: Extract<GuardAction, { kind: K }>) => Promise<void> };

const YIELD_MS = 10_000;
const STATEMENT_MS = 2000;
/** Finite: a standby that is lost without a word holds commits up for this long, once. */
const SEMI_SYNC_ON =
  'SET GLOBAL rpl_semi_sync_master_timeout = 1000, GLOBAL rpl_semi_sync_master_enabled = 1';
const SEMI_SYNC_OFF = 'SET GLOBAL rpl_semi_sync_master_enabled = 0';

export class Acts {
  readonly channelPause = new Pause(1000, 30_000);
  /** Monotonic time until which this host stays away from the address. */
  yieldingUntil = 0;
  lastPromotion: Record<string, number> | null;
  readonly #config: GuardConfig;
  readonly #log: Logger;
  readonly #watches: Watches;
  readonly #control: ServerControl;
  readonly #link: LinkKeeper;
  readonly #channelLink: LinkKeeper;

  constructor(
    config: GuardConfig,
    log: Logger,
    watches: Watches,
    lastPromotion: Record<string, number> | null,
  ) {
    this.#config = config;
    this.#log = log;
    this.#watches = watches;
    this.lastPromotion = lastPromotion;
    this.#control = new ServerControl(config.database.unit, log);
    this.#link = new LinkKeeper(watches.server.target);
    this.#channelLink = new LinkKeeper(watches.server.target);
  }

  get nextStartAt(): number {
    return this.#control.nextStartAt;
  }

  run<K extends ActionKind>(action: Extract<GuardAction, { kind: K }>): Promise<void> {
    const execute = this.#executors[action.kind] as (one: typeof action) => Promise<void>;
    return execute(action);
  }

  serverCameUp(): void {
    this.channelPause.worked();
    for (const ready of [this.#link.get(), this.#control.learnPid()])
      ready.catch((error: unknown) => this.#log.debug({ err: error }, 'Not ready for actions yet.'));
  }

  close(): void {
    this.#link.close();
    this.#channelLink.close();
  }

  readonly #executors: Executors = {
    promote: () => this.#promote(),
    demote: async () => {
      const { replicationUser } = this.#config.database;
      const killServer = (): Promise<void> => this.#control.kill();
      await demote(await this.#link.get(), { replicationUser, killServer });
      await this.#watches.server.refresh();
    },
    yield: async () => {
      this.yieldingUntil = performance.now() + YIELD_MS;
    },
    'start-server': ({ role }) => this.#control.start(role),
    'kill-server': () => this.#control.kill(),
    'start-channel': async ({ from }) => {
      this.channelPause.tried();
      const peer = this.#watches.peer.view.binlogPos ?? new Map();
      const { serverId } = this.#watches.server.view;
      const position = await startChannel(await this.#channelLink.get(), { from, serverId, peer });
      this.#log.info({ position }, 'Replication from the peer has been started.');
      await this.#watches.channel.refresh();
    },
    'stop-channel': async () => {
      await stopChannel(await this.#channelLink.get());
      await this.#watches.channel.refresh();
    },
    'semi-sync': async ({ enabled }) => {
      const link = await this.#link.get();
      await link.query(enabled ? SEMI_SYNC_ON : SEMI_SYNC_OFF, STATEMENT_MS);
      await this.#watches.server.refresh();
    },
    'remove-address': () => this.#watches.vip.remove(),
  };

  async #promote(): Promise<void> {
    const { vip, peer, server } = this.#watches;
    const arrivedAt = vip.view.since;
    const asked = Math.round(performance.now() - arrivedAt);
    const phases = await promote(await this.#link.get(), {
      wanted: () => vip.view.present,
      peerPos: () => (peer.view.state === 'standby' ? peer.view.binlogPos : undefined),
    });
    this.lastPromotion = { peer: asked, ...phases, total: Math.round(performance.now() - arrivedAt) };
    this.#log.info({ ...this.lastPromotion }, 'This host is writable.');
    await server.refresh();
  }
}
