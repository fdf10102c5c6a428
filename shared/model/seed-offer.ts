/** A host's leave to copy the server's data, as a file on the host that has them; the coordinator writes it, the agent reads it. */

export interface SeedOffer {
  /** Name of the host that may copy. */
  readonly to: string;
  /** Until when, ms since the epoch on the clock of the host that has the data. */
  readonly until: number;
}

export function renderSeedOffer(offer: SeedOffer): string {
  return `${JSON.stringify(offer)}\n`;
}

/** null for what is no offer. */
export function parseSeedOffer(text: string): SeedOffer | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('to' in value) || !('until' in value)) return null;
  const { to, until } = value;
  return typeof to === 'string' && typeof until === 'number' ? { to, until } : null;
}
