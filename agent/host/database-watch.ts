/** The state of the local server again and again over one connection; a server that is down or hung is an answer too. */

import { toAppError } from '../../shared/errors/app-error.ts';
import type { DatabaseState } from '../../shared/model/facts.ts';
import { databaseDownState, readDatabaseState } from './database-state.ts';
import type { OpenSession, Sql } from './sql.ts';

export class DatabaseWatch {
  readonly #sql: Sql;
  readonly #timeoutMs: number;
  #session: OpenSession | undefined;
  /** The question that is under way: several askers share its answer. */
  #asking: Promise<DatabaseState> | undefined;

  constructor(sql: Sql, timeoutMs = 900) {
    this.#sql = sql;
    this.#timeoutMs = timeoutMs;
  }

  read(): Promise<DatabaseState> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  async #ask(): Promise<DatabaseState> {
    const kept = this.#session;
    try {
      this.#session ??= await this.#sql.connect({ timeoutMs: this.#timeoutMs });
      return await readDatabaseState(this.#session);
    } catch (error) {
      this.close();
      // A connection kept from before may have ended with an earlier life of the server: that tells nothing of now.
      if (kept?.ended === true) return await this.#ask();
      return databaseDownState(toAppError(error).message);
    }
  }
}
