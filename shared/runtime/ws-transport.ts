/**
 * A WebSocket as a Transport: text frames of bounded size, and a ping after each second of silence, so that a dead peer is
 * noticed within a few seconds even where TCP says nothing. A frame that is binary or too large ends the connection.
 */

import { WebSocket } from 'ws';
import { MAX_MESSAGE_BYTES } from '../protocol/envelope.ts';
import type { Transport } from './peer.ts';

export interface WsTransportOptions {
  /** Silence after which the peer is asked, and time between two pings, ms; default 1000. */
  readonly pingMs?: number;
  /** Silence after which the peer counts as dead, ms; default 3000. */
  readonly deadMs?: number;
}

/** Most bytes that may wait in our own send queue before the peer counts as stuck. */
const MAX_QUEUED_BYTES = 4 * MAX_MESSAGE_BYTES;

export function wsTransport(socket: WebSocket, options: WsTransportOptions = {}): Transport {
  const messageListeners = new Set<(text: string) => void>();
  const closeListeners = new Set<(reason: string) => void>();
  const liveness = watchLiveness(socket, options, (reason) => end(reason));
  let closed: string | undefined;

  const end = (reason: string): void => {
    if (closed !== undefined) return;
    closed = reason;
    liveness.stop();
    socket.terminate();
    for (const listener of closeListeners) listener(reason);
  };

  socket.on('message', (data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean) => {
    liveness.heard();
    if (isBinary) return socket.close(1003, 'binary frames are not understood');
    const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
    for (const listener of messageListeners) listener(text);
  });
  socket.on('close', (code, reason) => end(`closed with code ${code} ${reason.toString()}`.trim()));
  socket.on('error', (error) => end(error.message));

  return {
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount > MAX_QUEUED_BYTES) return end('the peer does not read');
      socket.send(text);
    },
    close() {
      socket.close(1000);
      // A peer that does not answer the close must not keep the connection.
      setTimeout(() => end('closed here'), 500).unref();
    },
    onMessage(listener) {
      messageListeners.add(listener);
    },
    onClose(listener) {
      if (closed !== undefined) listener(closed);
      else closeListeners.add(listener);
    },
  };
}

function watchLiveness(socket: WebSocket, options: WsTransportOptions, dead: (reason: string) => void) {
  const deadMs = options.deadMs ?? 3000;
  let lastHeard = performance.now();
  let lastTick = lastHeard;
  const heard = (): void => {
    lastHeard = performance.now();
  };
  const pingMs = options.pingMs ?? 1000;
  const timer = setInterval(() => {
    const now = performance.now();
    // Where this process itself was stopped for a while, the silence is ours: give the peer another round.
    if (now - lastTick > 2 * pingMs) lastHeard = now;
    lastTick = now;
    if (now - lastHeard > deadMs) return dead(`no sign of life for ${deadMs} ms`);
    // Who speaks is alive: of a thousand agents that send heartbeats none has to be asked.
    if (now - lastHeard > pingMs && socket.readyState === WebSocket.OPEN) socket.ping();
  }, pingMs);
  timer.unref();
  socket.on('ping', heard);
  socket.on('pong', heard);
  return { heard, stop: () => clearInterval(timer) };
}
