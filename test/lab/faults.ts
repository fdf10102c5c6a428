// placeholder
import type { NspawnHost } from './host.ts';

export interface LabFaults {
  healAll(): Promise<void>;
}

export function createFaults(_prefix: string, _hosts: ReadonlyMap<string, NspawnHost>): LabFaults {
  return { healAll: async () => {} };
}
