/** Where the daemon may listen, and under which names it answers: on this machine only. Pure. */

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host);
}

/** What is wrong with listening on `host`, to follow "coordinator.listen "; null where nothing is. */
export function listenProblem(host: string): string | null {
  if (isLoopback(host)) return null;
  return `is ${host}, which other machines can reach; without TLS and tokens, which are not there yet, the daemon listens on 127.0.0.1 only`;
}
