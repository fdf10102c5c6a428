/**
 * Votes and majorities. A majority is more than half of all weight, so two majorities of one distribution always have a
 * voter in common. Two distributions are bridged by asking for a majority under both (`isQuorum` with several).
 */

export type NodeId = 'A' | 'B';
export type VoterId = NodeId | 'W';
export type Weights = Readonly<Record<VoterId, number>>;

export const NODES: readonly NodeId[] = ['A', 'B'];
export const VOTERS: readonly VoterId[] = ['A', 'B', 'W'];
export const EQUAL_WEIGHTS: Weights = { A: 1, B: 1, W: 1 };

export function peerOf(node: NodeId): NodeId {
  return node === 'A' ? 'B' : 'A';
}

/** The witness is away: every majority contains the survivor, who can go on alone. */
export function survivorWeights(survivor: NodeId): Weights {
  return survivor === 'A' ? { A: 2, B: 1, W: 0 } : { A: 1, B: 2, W: 0 };
}

export function sameWeights(a: Weights, b: Weights): boolean {
  return VOTERS.every((voter) => a[voter] === b[voter]);
}

/** Whether these voters are a majority under each of the distributions. */
export function isQuorum(voters: Iterable<VoterId>, ...distributions: readonly Weights[]): boolean {
  const present = new Set(voters);
  return distributions.every((weights) => {
    const total = VOTERS.reduce((sum, voter) => sum + weights[voter], 0);
    const here = VOTERS.reduce((sum, voter) => sum + (present.has(voter) ? weights[voter] : 0), 0);
    return here * 2 > total;
  });
}
