/** A connection to the local server that is opened before it is needed and opened again when it has ended. */

import { type DatabaseLink, type LinkTarget, openLink } from './database-link.ts';

const CONNECT_MS = 1000;

export class LinkKeeper {
  readonly #target: LinkTarget;
  #link: Promise<DatabaseLink> | undefined;

  constructor(target: LinkTarget) {
    this.#target = target;
  }

  /** The open connection, or a new one; rejects when the server does not answer. */
  get(): Promise<DatabaseLink> {
    this.#link ??= this.#open();
    return this.#link;
  }

  close(): void {
    this.#link?.then(
      (link) => link.destroy(),
      () => undefined,
    );
    this.#link = undefined;
  }

  #open(): Promise<DatabaseLink> {
    const opening = openLink(this.#target, CONNECT_MS);
    const forget = (): void => {
      if (this.#link === opening) this.#link = undefined;
    };
    opening.then((link) => void link.closed.then(forget), forget);
    return opening;
  }
}
