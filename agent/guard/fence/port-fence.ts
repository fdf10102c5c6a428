/** What the guard asks of a fence, whichever there is. Each part is told where Fence has it. */
export interface PortFence {
  readonly ackPathOpen: boolean;
  start(): Promise<void>;
  open(until: number): void;
  announce(until: number): Promise<void>;
  standbyReads(until: number): void;
  close(): Promise<void>;
  ackPath(open: boolean): Promise<void>;
  freeze(on: boolean): Promise<void>;
  resetSessions(): Promise<void>;
  endStream(): Promise<void>;
  stop(): void;
}
