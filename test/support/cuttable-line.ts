/** A TCP line on loopback that can be cut like a cable: connections stay, nothing passes and nobody is told. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class CuttableLine implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;

  private constructor(server: Server, target: number) {
    this.#server = server;
    server.on('connection', (near) => this.#carry(near, target));
  }

  /** Leads to a port of loopback. */
  static async to(target: number): Promise<CuttableLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CuttableLine(server, target);
  }

  get port(): number {
    // A server that listens on TCP has an AddressInfo.
    return (this.#server.address() as AddressInfo).port;
  }

  /** What is under way is lost, and so is what is sent meanwhile. */
  cut(): void {
    this.#cut = true;
  }

  /** New connections pass again; on those that were cut something is missing, so they stay dead. */
  mend(): void {
    this.#cut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(near: Socket, target: number): void {
    const far = connect({ host: '127.0.0.1', port: target, noDelay: true });
    let broken = this.#cut;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes) => {
        broken ||= this.#cut;
        if (!broken) to.write(bytes);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!this.#cut && !broken) to.destroy();
      });
    }
  }
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
