/** One checked statement about a pair or a host, for verify, status, drill and reports. */
export interface Verdict {
  readonly subject: string;
  readonly ok: boolean;
  /** What was found, e.g. "db1 streams from db2, 0 s behind". */
  readonly detail: string;
  /** What to do about it; only where ok is false. */
  readonly remedy?: string;
}
