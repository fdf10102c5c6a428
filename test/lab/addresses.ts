// The lab's addresses. They exist only inside network namespaces the lab makes; every run has the same ones.

export const subnet = '10.88.0.0/24';
export const vip = '10.88.0.10';

/** Namespaces that stand for machines of people and programs, not of databases. */
export const stations = { operator: '10.88.0.1', client: '10.88.0.2' } as const;

const firstHost = 11;
const lastHost = 99;

/** 10.88.0.11 for the first host, 10.88.0.12 for the second, … */
export function hostAddress(index: number): string {
  const last = firstHost + index;
  if (last > lastHost)
    throw new RangeError(`the lab's subnet has room for ${lastHost - firstHost + 1} hosts`);
  return `10.88.0.${last}`;
}

/** A fixed, locally administered MAC derived from the address, so that a rebooted host keeps its own. */
export function macOf(address: string): string {
  return `02:${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}:01`;
}
