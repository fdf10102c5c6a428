/** Receivers of alerts on loopback: a web server and a mail server that keep what they get. */

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { Test } from 'tap';
import { waitFor } from '../../shared/runtime/wait-for.ts';

export interface Posted {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WebReceiver {
  readonly url: string;
  readonly posts: readonly Posted[];
  /** Waits until so many posts came for which `fits` holds. */
  wait(count: number, fits?: (post: Posted) => boolean): Promise<readonly Posted[]>;
}

interface WebAnswer {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function webReceiver(
  t: Test,
  answer: (post: Posted) => WebAnswer | Promise<WebAnswer> = () => ({}),
): Promise<WebReceiver> {
  const posts: Posted[] = [];
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://here');
      const post = { path, query, headers: request.headers, body };
      posts.push(post);
      const { status = 200, body: words = 'ok', headers = {} } = await answer(post);
      response.writeHead(status, { ...headers }).end(words);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const wait = (count: number, fits: (post: Posted) => boolean = () => true): Promise<readonly Posted[]> =>
    waitFor(
      `${count} posts`,
      () => {
        const fitting = posts.filter(fits);
        return fitting.length >= count ? fitting : undefined;
      },
      { deadlineMs: 30_000 },
    );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posts, wait };
}

export interface MailReceiver {
  readonly port: number;
  readonly mails: readonly string[];
  wait(count: number): Promise<readonly string[]>;
}

export async function mailReceiver(t: Test): Promise<MailReceiver> {
  const mails: string[] = [];
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
    onData: (stream, _session, callback) => {
      void text(stream).then((raw) => {
        mails.push(raw);
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(resolve)));
  const wait = (count: number): Promise<readonly string[]> =>
    waitFor(`${count} mails`, () => (mails.length >= count ? mails : undefined), { deadlineMs: 30_000 });
  return { port: (server.server.address() as AddressInfo).port, mails, wait };
}
