/** What a host says of itself before anything is installed (the command `probe`), and whether an agent can go there. Pure. */

import { X509Certificate } from 'node:crypto';
import { AppError } from '../../shared/errors/app-error.ts';
import { type Claim, pairBusy, parseClaims } from '../../shared/model/claim.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { foreignHost } from '../../shared/protocol/enrolment.ts';
import type { SshTarget } from './ssh.ts';

export interface Probe {
  readonly uid: number;
  readonly system: string;
  /** As uname -m says, e.g. x86_64. */
  readonly machine: string;
  readonly hasTar: boolean;
  readonly hasSystemd: boolean;
  /** Where the link /opt/hotpair/current points, e.g. releases/0.1.0+3f2a9c01d4e5; null: nowhere. */
  readonly current: string | null;
  /** Names of the Node runtimes that are there, e.g. node-24.21.0-x64. */
  readonly runtimes: readonly string[];
  /** Authority that the host trusts, PEM; null: it belongs to nobody. */
  readonly ca: string | null;
  /** Authorities that the host's guard trusts, PEM; null: that was never said. */
  readonly trusted: string | null;
  /** Who is at work on the pair of the host. */
  readonly claims: readonly Claim[];
}

/** Lines of `name value`; what is missing counts as not there. */
export function parseProbe(text: string): Probe {
  const lines = text.split('\n').map((line) => line.trim());
  const values = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim());
  const pem = (name: string): string | null => values(name).join('\n') || null;
  const prefix = `${HOST_PATHS.install}/runtime/`;
  return {
    uid: Number(values('uid')[0] ?? Number.NaN),
    system: values('system')[0] ?? '',
    machine: values('machine')[0] ?? '',
    hasTar: values('tar')[0] === 'yes',
    hasSystemd: values('init')[0] === 'systemd',
    current: values('current')[0] ?? null,
    runtimes: values('runtime')
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length).split('/', 1)[0] ?? ''),
    ca: pem('ca'),
    trusted: pem('trusted'),
    claims: parseClaims(values('claim')),
  };
}

/** Every reason why no agent can be installed on the host, as one error. */
export function checkProbe(target: SshTarget, probe: Probe): void {
  const problems = [
    probe.system === 'Linux' ? [] : [`it runs ${probe.system || 'an unknown system'}, hotpair needs Linux`],
    probe.uid === 0
      ? []
      : [`ssh comes in as uid ${probe.uid}, not as root: set ssh: root@ADDRESS in hotpair.yaml`],
    probe.hasTar ? [] : ['it has no tar: install the package tar'],
    probe.hasSystemd ? [] : ['it does not run systemd'],
  ].flat();
  if (problems.length === 0) return;
  throw new AppError('SSH_FAILED', `No agent can be installed on ${target.name}: ${problems.join('; ')}.`, {
    data: { host: target.name, problems },
  });
}

/**
 * Throws before the host is touched: REFUSED where it belongs to another coordinator and is not to be taken over,
 * PAIR_BUSY while somebody is at work on its pair. `ca`: our authority, PEM.
 */
export function checkOwner(host: string, probe: Probe, ca: string, takeOver: boolean): void {
  const [held, ours] = [parseCertificate(probe.ca ?? ''), new X509Certificate(ca)];
  if (held !== null && held.fingerprint256 !== ours.fingerprint256 && !takeOver)
    throw foreignHost(host, nameOf(held), nameOf(ours));
  const [claim] = probe.claims;
  if (claim !== undefined) throw pairBusy(claim);
}

/** null: not a certificate; the enrolment puts ours there. */
function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

const nameOf = (certificate: X509Certificate): string => certificate.subject.replace(/^CN=/, '');
