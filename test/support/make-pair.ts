// A pair as hotpair.yaml gives it, on the lab's addresses, and secrets that no real pair has.
import type { PairSecrets } from '../../coordinator/secrets.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';

export const SECRETS: PairSecrets = {
  replication: 'secret-of-replication',
  verify: 'secret-of-verify',
  application: 'secret-of-application',
};

export interface PairWish {
  readonly application?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

export function makePair({ application = false, settings = {} }: PairWish = {}): PairSpec {
  const host = (ordinal: 1 | 2) => ({
    ...{ name: `db${ordinal}`, address: `10.88.0.1${ordinal}`, interface: 'eth0' },
    ...{ ssh: `root@10.88.0.1${ordinal}`, ordinal },
  });
  return {
    ...{ name: 'orders', vip: '10.88.0.10', vipPrefix: 24, hosts: [host(1), host(2)] },
    database: {
      ...{ flavor: 'mariadb', port: 3306, settings },
      application: application ? { database: 'shop', user: 'shop', passwordFile: null, from: '%' } : null,
    },
    protection: 'availability',
    fence: 'nftables',
    guardPort: 7434,
    vrrp: { virtualRouterId: 51, advertIntervalMs: 50 },
  };
}
