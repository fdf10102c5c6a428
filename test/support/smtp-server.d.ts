/** The part of smtp-server that the tests use; the package has no types of its own. */

declare module 'smtp-server' {
  import type { EventEmitter } from 'node:events';
  import type { Server } from 'node:net';
  import type { Readable } from 'node:stream';

  export interface SMTPServerSession {
    readonly secure: boolean;
    readonly user?: string;
    readonly envelope: {
      readonly mailFrom: { readonly address: string } | false;
      readonly rcptTo: readonly { readonly address: string }[];
    };
  }
  export interface SMTPServerOptions {
    readonly key?: string;
    readonly cert?: string;
    readonly secure?: boolean;
    readonly authOptional?: boolean;
    readonly allowInsecureAuth?: boolean;
    readonly disabledCommands?: readonly string[];
    readonly logger?: boolean;
    onAuth?(
      auth: { readonly username?: string; readonly password?: string },
      session: SMTPServerSession,
      callback: (error: Error | null, response?: { user: string }) => void,
    ): void;
    onData?(stream: Readable, session: SMTPServerSession, callback: (error?: Error | null) => void): void;
  }
  export class SMTPServer extends EventEmitter {
    readonly server: Server;
    constructor(options?: SMTPServerOptions);
    listen(port: number, host: string, callback: () => void): Server;
    close(callback: () => void): void;
  }
}
