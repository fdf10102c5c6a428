/** Tells from Node's words why an agent could not be connected to, as a coded error with what to do. Pure. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { HostSpec } from '../../shared/model/pair-spec.ts';

/** What is wrong with a certificate, by the code of Node's TLS errors; `whose` says which side holds it. */
interface CertificateFault {
  readonly reason: 'expired' | 'not-yet-valid' | 'wrong-authority' | 'wrong-host' | 'refused-by-agent';
  readonly words: string;
}

const expired = { reason: 'expired', words: "the agent's certificate has expired" } as const;
const wrongAuthority = {
  reason: 'wrong-authority',
  words: "the agent's certificate was signed by another authority than this coordinator's",
} as const;
const refused = {
  reason: 'refused-by-agent',
  words:
    "the agent refused this coordinator's certificate (it belongs to another coordinator, or it expired)",
} as const;

const CERTIFICATE_FAULTS: Readonly<Record<string, CertificateFault>> = {
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: {
    reason: 'not-yet-valid',
    words: "the agent's certificate is not valid yet: compare the clocks of both machines",
  },
  SELF_SIGNED_CERT_IN_CHAIN: wrongAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: wrongAuthority,
  UNABLE_TO_GET_ISSUER_CERT: wrongAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: wrongAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: wrongAuthority,
  CERT_SIGNATURE_FAILURE: wrongAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: 'wrong-host',
    words: "the agent's certificate is for another address",
  },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: refused,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: refused,
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: refused,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: refused,
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': refused,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: refused,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: refused,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: refused,
};

const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  ETIMEDOUT: 'nobody answered',
  EPIPE: 'the connection was cut',
};

/**
 * `trusted`: the agent's own certificate was accepted before the failure. In TLS 1.3 a client learns only after its side
 * of the handshake that the server refuses its certificate, and Node's server just ends the connection then.
 */
export function explainConnectError(error: Error, trusted: boolean, host: HostSpec, port: number): AppError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const at = `${host.name} (${host.address}:${port})`;
  const fault = CERTIFICATE_FAULTS[code] ?? (trusted && code === 'ECONNRESET' ? refused : undefined);
  if (fault !== undefined)
    return new AppError(
      'CERTIFICATE_REJECTED',
      `The agent on ${at} could not be trusted: ${fault.words}. Run coordinator agent install ${host.name}.`,
      { cause: error, data: { host: host.name, reason: fault.reason, tls: code } },
    );
  const words = NETWORK_WORDS[code] ?? error.message;
  return new AppError(
    'AGENT_UNREACHABLE',
    `No agent answers on ${at}: ${words}. Check systemctl status hotpair-agent there, or run coordinator agent install ${host.name}.`,
    { cause: error, data: { host: host.name, network: code } },
  );
}
