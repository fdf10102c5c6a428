/** One line of `ip neigh show to ADDRESS dev NAME`: "10.0.0.9 lladdr 02:00:00:00:00:09 REACHABLE". Pure. */

export interface Neighbour {
  /** Who answered; null while nobody has. */
  readonly mac: string | null;
  /** The kernel has given up asking. */
  readonly failed: boolean;
}

export function parseNeighbour(text: string): Neighbour {
  const mac = /\blladdr ([0-9a-fA-F:]{17})\b/.exec(text)?.[1] ?? null;
  const failed = /\bFAILED\b/.test(text);
  return { mac: failed ? null : mac, failed };
}
