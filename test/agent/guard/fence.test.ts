/** The fence without a kernel: its texts, the reading of listings, and an nft that hangs, dies or refuses. */

import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tap, { type Test, test } from 'tap';
import { Fence } from '../../../agent/guard/fence/fence.ts';
import { elementsOf, formerFence } from '../../../agent/guard/fence/nft-listing.ts';
import { NftShell } from '../../../agent/guard/fence/nft-shell.ts';
import { tableText } from '../../../agent/guard/fence/nft-tables.ts';
import {
  ackPathText,
  announceText,
  CLOSE_TEXT,
  leaseText,
  resetArgv,
} from '../../../agent/guard/fence/nft-text.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';

const PLACE = {
  vip: '10.88.0.10',
  address: '10.88.0.11',
  peerAddress: '10.88.0.12',
  port: 3306,
  interface: 'eth0',
};

/** As nft 1.0.6 lists the table of this fence. */
const LISTING = `table inet hotpair {
	set lease {
		type ipv4_addr
		flags timeout
		elements = { 10.88.0.10 timeout 648ms expires 500ms,
			     10.88.0.11 timeout 648ms expires 500ms }
	}

	set repl {
		type ipv4_addr
		elements = { 10.88.0.12 }
	}

	set ackpeer {
		type ipv4_addr
	}

	set resets {
		type ipv4_addr
		flags timeout
	}

	set frozen {
		type ipv4_addr
		flags timeout
	}

	chain early {
		type filter hook prerouting priority filter - 10; policy accept;
		iif "lo" accept
		ip daddr 10.88.0.10 ip daddr @resets ip daddr != @lease tcp dport 3306 reject with tcp reset
		ip daddr 10.88.0.10 ip daddr != @lease tcp dport 3306 tcp flags & (syn | ack) == syn reject with tcp reset
	}

	chain in {
		type filter hook input priority filter - 10; policy accept;
		iif "lo" accept
		ip protocol 112 ip daddr != @lease drop
		ip saddr @repl ip daddr 10.88.0.11 tcp dport 3306 accept
		ip daddr @frozen tcp dport 3306 drop
		ip daddr @lease tcp dport 3306 accept
		ip daddr @resets tcp dport 3306 reject with tcp reset
		tcp dport 3306 tcp flags & (syn | ack) == syn reject with tcp reset
		tcp dport 3306 drop
	}

	chain out {
		type filter hook output priority filter - 10; policy accept;
		oif "lo" accept
		ip protocol 112 ip saddr != @lease drop
		ip saddr 10.88.0.11 ip daddr @repl tcp sport 3306 accept
		ip saddr @lease tcp sport 3306 accept
		tcp sport 3306 tcp flags & rst == rst accept
		tcp sport 3306 drop
		ip daddr 10.88.0.12 ip daddr != @ackpeer tcp dport 3306 reject with tcp reset
	}
}
`;

test('a lease is the whole content of its set, in one transaction', (t) => {
  t.equal(
    leaseText(['10.88.0.10', '10.88.0.11'], 649.9),
    [
      'flush set inet hotpair lease; flush set arp hotpair lease; flush set netdev hotpair lease',
      'add element inet hotpair lease { 10.88.0.10 timeout 649ms, 10.88.0.11 timeout 649ms }',
      'add element arp hotpair lease { 10.88.0.10 timeout 649ms, 10.88.0.11 timeout 649ms }',
      'add element netdev hotpair lease { 10.88.0.10 timeout 649ms, 10.88.0.11 timeout 649ms }',
    ].join('; '),
  );
  t.match(
    leaseText(['10.88.0.10'], 649, ['10.88.0.11']),
    /^delete element inet hotpair lease \{ 10\.88\.0\.11 \}; flush set inet hotpair lease; .*; add element/,
    'one that follows another is refused where that is over',
  );
  t.equal(leaseText(['10.88.0.10'], 5, ['10.88.0.11']), CLOSE_TEXT, 'a close is never refused');
  for (const ms of [9.9, 0, -5, Number.NEGATIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY])
    t.equal(leaseText(['10.88.0.10'], ms), CLOSE_TEXT, `${ms} ms is no lease`);
  t.equal(
    announceText('10.88.0.10', 400.9),
    [
      'flush set arp hotpair lease; add element arp hotpair lease { 10.88.0.10 timeout 400ms }',
      'flush set netdev hotpair lease; add element netdev hotpair lease { 10.88.0.10 timeout 400ms }',
    ].join('; '),
    'an announcement lets nobody in',
  );
  t.equal(announceText('10.88.0.10', 0), CLOSE_TEXT);
  t.equal(ackPathText('10.88.0.12', false), 'flush set inet hotpair ackpeer');
  t.equal(ackPathText('10.88.0.12', true), 'add element inet hotpair ackpeer { 10.88.0.12 }');
  t.end();
});

test('the rule set: what is refused to clients, to the peer, and to the own replica', (t) => {
  const text = tableText(PLACE, 'none', false);
  const rules = text.split('\n').map((line) => line.trim());
  t.same(
    rules.filter((rule) => /(accept|drop|reset)$/.test(rule) && !rule.includes('arp')),
    LISTING.split('\n')
      .map((line) => line.trim())
      .filter((rule) => /(accept|drop|reset)$/.test(rule)),
  );
  t.match(text, /^add rule arp hotpair out arp saddr ip 10\.88\.0\.10 arp saddr ip != @lease drop$/m);
  t.notMatch(text, 'delete table inet');
  t.notMatch(tableText(PLACE, 'same', false), 'delete table', 'a lease survives the next guard');
  t.match(tableText(PLACE, 'other', false), /^delete table inet hotpair\ntable inet hotpair \{/);
  t.match(tableText({ ...PLACE, port: 3307 }, 'same', true), /ackpeer \{.*elements = \{ 10\.88\.0\.12 \}/);
  t.notMatch(tableText({ ...PLACE, port: 3307 }, 'same', true), '3306');
  t.notMatch(text, /ackpeer \{.*elements/);
  t.end();
});

test('a listing tells its elements', (t) => {
  t.same(elementsOf(LISTING, 'lease'), ['10.88.0.10', '10.88.0.11']);
  t.same(elementsOf(LISTING, 'ackpeer'), []);
  t.equal(elementsOf('', 'lease'), undefined);
  const one =
    'table inet hotpair {\n\tset ackpeer {\n\t\ttype ipv4_addr\n\t\telements = { 10.88.0.12 }\n\t}\n}\n';
  t.same(elementsOf(one, 'ackpeer'), ['10.88.0.12']);
  t.equal(elementsOf(one, 'lease'), undefined);
  t.end();
});

test('a fence of another shape is known as such', (t) => {
  t.equal(formerFence(undefined), 'none');
  t.equal(formerFence(LISTING), 'same');
  t.equal(formerFence(LISTING.replaceAll('3306', '3307')), 'same', 'its rules are written anew anyway');
  for (const [what, listing] of Object.entries({
    empty: 'table inet hotpair {\n}\n',
    'a set without timeouts': LISTING.replace('\t\tflags timeout\n', ''),
    'a set less': LISTING.replace(/\tset resets \{[^}]*\}\n/, ''),
    'a chain more': LISTING.replace('\tchain in {', '\tchain extra {\n\t\tdrop\n\t}\n\n\tchain in {'),
    'another hook': LISTING.replace('hook output', 'hook postrouting'),
    'another priority': LISTING.replace('priority filter - 10', 'priority filter'),
    'another policy': LISTING.replace('policy accept', 'policy drop'),
  })) {
    t.not(listing, LISTING);
    t.equal(formerFence(listing), 'other', what);
  }
  t.end();
});

test('sessions of clients are ended; those of the peer, of local programs and other ports are not', (t) => {
  const argv = resetArgv(PLACE);
  t.same(argv.slice(0, 2), ['ss', '--no-header']);
  t.equal(
    argv.at(-1),
    '( sport = :3306 and not dst 127.0.0.0/8 and not dst 10.88.0.10 and not dst 10.88.0.11 and not dst 10.88.0.12 )',
  );
  t.end();
});

/**
 * An nft that misbehaves as it is told: by the word at the beginning of a line, or, for transactions, by the word in the
 * file `mood` beside it. It keeps what it was told in the file `told`.
 */
const FAKE_NFT = `#!${process.execPath}
const { appendFileSync, readFileSync, rmSync, existsSync } = require('node:fs');
const { createInterface } = require('node:readline');
const place = (name) => __dirname + '/' + name;
const refuse = (line) => process.stderr.write('Error: No such file or directory\\n' + line + '\\n');
if (process.argv[2] === 'list') {
  process.stdout.write(readFileSync(place('listing')));
  process.exit(0);
}
if (process.argv[2] === '-f') {
  appendFileSync(place('loaded'), readFileSync(0));
  process.exit(0);
}
let silent = false;
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line.startsWith('describe')) {
    if (!silent) process.stdout.write('datatype ipv4_addr (IPv4 address) (basetype integer), 32 bits\\n');
    return;
  }
  appendFileSync(place('told'), line + '\\n');
  if (line.startsWith('hang')) silent = true;
  else if (line.startsWith('die')) {
    process.stderr.write('Error: out of luck\\n');
    process.exit(3);
  } else if (line.startsWith('refuse')) refuse(line);
  else if (line.startsWith('list')) process.stdout.write('table inet hotpair {\\n\\tset ' + line.split(' ').at(-1) + ' {\\n\\t\\ttype ipv4_addr\\n\\t}\\n}\\n');
  else if (line.includes('flush')) {
    const mood = existsSync(place('mood')) ? readFileSync(place('mood'), 'utf8') : '';
    if (mood === 'late') {
      rmSync(place('mood'));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
    if (mood === 'refusing' && line.includes('timeout')) refuse(line);
  } else if (!silent) process.stdout.write(process.pid + ' ' + line + '\\n');
});
`;

/** A folder with that nft in it, which is the only one there is until the test ends. */
function fakeNft(t: Test): string {
  const folder = t.testdir({ listing: LISTING, told: '', loaded: '' });
  writeFileSync(join(folder, 'nft'), FAKE_NFT);
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
  chmodSync(join(folder, 'nft'), 0o755);
  const before = process.env['PATH'];
  process.env['PATH'] = folder;
  t.teardown(() => {
    process.env['PATH'] = before;
  });
  return folder;
}

function shell(t: Test): NftShell {
  fakeNft(t);
  const nft = new NftShell();
  t.teardown(() => nft.stop());
  return nft;
}

/** Long enough for a process to start on a busy machine. */
const LONG_MS = 10_000;

test('one nft answers one text after another', async (t) => {
  const nft = shell(t);
  const answers = await Promise.all([
    nft.ask('a', LONG_MS),
    nft.ask('b\nc', LONG_MS),
    nft.ask(() => 'd', LONG_MS),
  ]);
  const [pid] = answers[0].split(' ');
  t.same(answers, [`${pid} a\n`, `${pid} b\n${pid} c\n`, `${pid} d\n`]);
});

test('a refusal is told with the words of nft, to the one who asked', async (t) => {
  const nft = shell(t);
  const [before, refused, after] = await Promise.allSettled([
    nft.ask('a', LONG_MS),
    nft.ask('refuse it', LONG_MS),
    nft.ask('b', LONG_MS),
  ]);
  t.same([before.status, after.status], ['fulfilled', 'fulfilled']);
  t.match(refused, {
    reason: {
      code: 'FENCE_UNAVAILABLE',
      message: /could not be set: Error: No such file or directory\nrefuse it/,
    },
  });
});

test('an nft that dies or hangs is replaced, and what it was told is not told again', async (t) => {
  const nft = shell(t);
  const first = await nft.ask('a', LONG_MS);
  await t.rejects(nft.ask('die', LONG_MS), { message: /nft ended \(3\): Error: out of luck/ });
  const second = await nft.ask('a', LONG_MS);
  t.not(second, first, 'another process');
  const hung = nft.ask('hang', 50);
  const waiting = nft.ask('b', LONG_MS);
  await t.rejects(hung, { message: /did not answer within 50 ms and was killed/ });
  t.match(await waiting, /^\d+ b\n$/);
  t.not((await waiting).split(' ')[0], second.split(' ')[0]);
});

test('without nft the reason is told, every time', async (t) => {
  const nft = shell(t);
  process.env['PATH'] = t.testdir({});
  for (const text of ['a', 'b']) {
    await t.rejects(nft.ask(text, LONG_MS), {
      code: 'FENCE_UNAVAILABLE',
      message: /nft cannot be started: spawn nft ENOENT/,
    });
  }
  nft.stop();
  await t.rejects(nft.ask('c', LONG_MS), { message: /nft was stopped/ });
  const fence = new Fence({ ...PLACE, log: createLogger('fence', 'silent') });
  await t.rejects(fence.start(), { code: 'FENCE_UNAVAILABLE', message: /ENOENT.* Install nftables/s });
});

async function startFence(
  t: Test,
): Promise<{ fence: Fence; folder: string; leases: () => (number | null)[] }> {
  const folder = fakeNft(t);
  const fence = new Fence({ ...PLACE, log: createLogger('fence', 'silent') });
  t.teardown(() => fence.stop());
  await fence.start();
  const told = (): string[] => readFileSync(join(folder, 'told'), 'utf8').split('\n');
  /** The timeouts that were written, null for a close. */
  const leases = (): (number | null)[] =>
    told()
      .filter((line) => line.includes('flush set inet hotpair lease'))
      .map((line) => /timeout (\d+)ms/.exec(line)?.[1])
      .map((ms) => (ms === undefined ? null : Number(ms)));
  return { fence, folder, leases };
}

test('a lease that the kernel got late is written again, shorter', async (t) => {
  const { fence, folder, leases } = await startFence(t);
  writeFileSync(join(folder, 'mood'), 'late');
  fence.open(performance.now() + LONG_MS);
  const [first, second] = await waitFor('a correction', () => (leases().length > 1 ? leases() : undefined), {
    deadlineMs: LONG_MS,
  });
  t.ok((first ?? 0) <= LONG_MS);
  t.ok(
    (second ?? 0) <= (first ?? 0) - 200,
    'by the time that went by, and as much again in case it is as late',
  );
});

test('an opening that is refused again and again ends in a close', async (t) => {
  const { fence, folder, leases } = await startFence(t);
  writeFileSync(join(folder, 'mood'), 'refusing');
  fence.open(performance.now() + LONG_MS);
  await waitFor('the close', () => (leases().includes(null) ? true : undefined), { deadlineMs: LONG_MS });
  t.equal(leases().at(-1), null);
  t.ok(leases().length > 1);
});

test('a start keeps the lease and the ACK path of the same fence', async (t) => {
  const { folder } = await startFence(t);
  const loaded = readFileSync(join(folder, 'loaded'), 'utf8');
  t.notMatch(loaded, /delete table|flush set inet hotpair lease/);
  t.notMatch(loaded, /ackpeer \{.*elements/, 'it was cut');
});

tap.setTimeout(60_000);
