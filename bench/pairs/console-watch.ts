/**
 * A console that listens to all pairs, and how long after a heartbeat it shows what the heartbeat says. Heartbeats are
 * told apart by the lag in them: of each pair the lags that were sent and not yet shown are kept.
 */

import { WebSocket } from 'ws';
import type { LiveMessage } from '../../shared/api/live.ts';

interface Sent {
  readonly lagSeconds: number;
  readonly at: number;
}

export interface ConsoleFigures {
  readonly delaysMs: readonly number[];
  /** Heartbeats of standbys that went out. */
  readonly sent: number;
  /** Of them, those that the console never showed. */
  readonly missed: number;
  /** Hosts that were told to be silent. */
  readonly lost: number;
}

export class ConsoleWatch {
  readonly #waiting = new Map<string, Sent[]>();
  #delaysMs: number[] = [];
  #sent = 0;
  #missed = 0;
  #lost = 0;

  /** Resolves when the daemon has taken the token. */
  async open(url: string, token: string, watched: string): Promise<void> {
    const socket = new WebSocket(url);
    const ready = Promise.withResolvers<void>();
    socket.on('error', ready.reject);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', token })));
    socket.on('message', (bytes) => {
      const message = JSON.parse(String(bytes)) as LiveMessage; // The daemon's own, by its schema.
      this.#take(message);
      if (message.type !== 'ready') return;
      socket.send(JSON.stringify({ type: 'watch', pair: watched }));
      ready.resolve();
    });
    await ready.promise;
  }

  sent(pair: string, lagSeconds: number): void {
    const waiting = this.#waiting.get(pair) ?? [];
    this.#waiting.set(pair, waiting);
    waiting.push({ lagSeconds, at: performance.now() });
    this.#sent += 1;
  }

  begin(): void {
    this.#waiting.clear();
    this.#delaysMs = [];
    [this.#sent, this.#missed, this.#lost] = [0, 0, 0];
  }

  /** What was sent within the last `graceMs` and is not shown yet may still be on its way. */
  end(graceMs: number): ConsoleFigures {
    const since = performance.now() - graceMs;
    const waiting = [...this.#waiting.values()].flat();
    const late = waiting.filter(({ at }) => at < since).length;
    const sent = this.#sent - (waiting.length - late);
    return { delaysMs: this.#delaysMs, sent, missed: this.#missed + late, lost: this.#lost };
  }

  #take(message: LiveMessage): void {
    if (message.type === 'event' && message.event.kind === 'AgentLost') this.#lost += 1;
    if (message.type !== 'pairs') return;
    const now = performance.now();
    for (const { name, lagSeconds } of message.pairs) {
      const waiting = this.#waiting.get(name) ?? [];
      const index = waiting.findIndex((one) => one.lagSeconds === lagSeconds);
      if (index < 0) continue;
      this.#missed += index;
      this.#delaysMs.push(now - (waiting[index]?.at ?? now));
      waiting.splice(0, index + 1);
    }
  }
}
