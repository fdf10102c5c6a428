/** hotpair.yaml with every default filled in: what deploy, verify, watch and report work from. */

import type { AlertsSpec } from './alerts-file.ts';
import type { SmtpSpec } from './coordinator-file.ts';
import type { OutageBudget } from './outage-budget.ts';
import type { ReportsSpec } from './reports-file.ts';
import type { StoreSpec } from './store-file.ts';

/** One host with every default filled in. */
export interface HostSpec {
  readonly name: string;
  readonly address: string;
  readonly interface: string;
  readonly ssh: string;
  /** 1 or 2: position in the file; becomes server_id and auto_increment_offset. */
  readonly ordinal: 1 | 2;
}

export interface ApplicationSpec {
  readonly database: string;
  readonly user: string;
  readonly passwordFile: string | null;
  readonly from: string;
}

/** One pair with every default filled in: what deploy, verify and watch work from. */
export interface PairSpec {
  readonly name: string;
  readonly vip: string;
  readonly vipPrefix: number;
  readonly hosts: readonly [HostSpec, HostSpec];
  readonly database: {
    readonly flavor: 'mariadb';
    readonly port: number;
    readonly settings: Readonly<Record<string, string>>;
    readonly application: ApplicationSpec | null;
  };
  readonly protection: 'availability' | 'consistency';
  readonly fence: 'nftables' | 'none';
  /** Absent: DEFAULT_OUTAGE_BUDGET. */
  readonly outageBudget?: OutageBudget;
  /** The port on which the guards of both hosts hear each other and the witness: the agents' port plus one. */
  readonly guardPort: number;
  readonly vrrp: { readonly virtualRouterId: number; readonly advertIntervalMs: number };
}

/** The whole file with every default filled in. */
export interface HotpairSpec {
  readonly pairs: readonly PairSpec[];
  readonly reports: ReportsSpec | null;
  /** Absent: nobody is alerted. */
  readonly alerts?: AlertsSpec;
  readonly store: StoreSpec;
  readonly coordinator: {
    readonly listen: { readonly host: string; readonly port: number };
    /** Absolute. */
    readonly data: string;
    readonly agentPort: number;
    readonly sshConfig: string | null;
    readonly smtp: SmtpSpec | null;
    /** Files of the daemon's certificate, absolute; null: the coordinator's own, where it needs one. */
    readonly tls: { readonly cert: string; readonly key: string } | null;
  };
}
