// Recorded on a pair of real hosts: the server of db1 was killed, and ten seconds later db2 lost its power.
import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { explain } from '../../../coordinator/explain/explain.ts';
import { CHINESE } from '../../../coordinator/explain/words.ts';
import type { StoredDecision } from '../../../coordinator/store/decisions.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';

interface Recorded {
  readonly events: readonly StoredEvent[];
  readonly decisions: readonly StoredDecision[];
}

const recorded = JSON.parse(
  readFileSync(new URL('recorded-failover.json', import.meta.url), 'utf8'),
) as Recorded;

const eventOf = (kind: string, host: string): StoredEvent => {
  const event = recorded.events.find((one) => one.kind === kind && one.host === host);
  if (event === undefined) throw new Error(`no ${kind} of ${host} was recorded`);
  return event;
};

const explained = (event: StoredEvent, decisions = recorded.decisions) =>
  explain({ event, decisions, events: recorded.events, hosts: ['db1', 'db2'] });

const rowsOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^[\d:.]{12} {2}(db\d {2}\w\d) /.exec(line)?.[1] ?? []);

test('a failover is told from the first host that gave up to the proof that nothing was left behind', (t) => {
  const { lines, takeover } = explained(eventOf('VipMoved', 'db2'));
  t.match(lines[0], /^Event \d+, .*The VIP 10\.88\.0\.10 moved from db1 to db2/);
  t.same(
    rowsOf(lines),
    ['db1  P1', 'db2  S5', 'db2  T5', 'db2  T6', 'db2  T7', 'db2  T8', 'db2  O4'],
    'both hosts, in the order of time',
  );
  t.match(lines[1], /PRIMARY_SYNC → FENCED +epoch 6 {2}The server does not work/);
  t.match(lines.slice(-4), [
    /^Until .* more decisions followed, to db1 STANDBY_READY and db2 PRIMARY_SYNC\.$/,
    'Votes in ballot 7: promised by db2, the witness, db1; accepted by db2, the witness.',
    'Takeover of db2 in ms: vote 97, cut 67, drain 52, record 62, open 22, vip 142, total 440.',
    /^Nothing acknowledged was left behind: by the record of epoch 6 \(SYNC\).*: 0-1-7,101-1-2,102-2-2\.$/,
  ]);
  t.ok(lines.length <= 15, `${lines.length} lines`);
  t.match(takeover, { host: 'db2', ballot: 7, proof: { complete: true, mode: 'sync', epoch: 6 } });
  t.same(
    explained(eventOf('RoleChanged', 'db1')).takeover,
    takeover,
    'what follows from it belongs to the same happening',
  );
  t.end();
});

test('each of two takeovers in a row is told by itself', (t) => {
  const { lines, takeover } = explained(eventOf('VipMoved', 'db1'));
  t.match(takeover, { host: 'db1', promised: ['A', 'W'], accepted: ['A', 'W'], proof: { epoch: 8 } });
  t.notMatch(rowsOf(lines), ['db1  P1']);
  t.end();
});

test('a host with a majority of its own asks and decides in one step', (t) => {
  const decisions = recorded.decisions.map((one): StoredDecision => {
    const { decision } = one;
    if (decision.row === 'T7')
      return { ...one, decision: { ...decision, mode: 'solo', epoch: decision.ballot, voters: ['B'] } };
    return decision.row === 'T8' ? { ...one, decision: { ...decision, voters: [] } } : one;
  });
  const { takeover } = explained(eventOf('VipMoved', 'db2'), decisions);
  t.match(takeover, { accepted: ['B'], proof: { complete: true, mode: 'sync', epoch: 6 } });
  t.end();
});

test('what does not prove it is said as it is', (t) => {
  const event = eventOf('VipMoved', 'db2');
  const changed = (row: string, change: (one: StoredDecision) => StoredDecision): StoredDecision[] =>
    recorded.decisions.map((one) => (one.decision.row === row ? change(one) : one));
  const last = (decisions: readonly StoredDecision[]) => explained(event, decisions).lines.at(-1);
  const behind = changed('T7', (one) => ({
    ...one,
    decision: { ...one.decision, positions: { binlog: '', slave: '0-1-6', received: '0-1-7' } },
  }));
  t.match(last(behind), /^NOT PROVEN .* had received 0-1-7 and applied 0-1-6\.$/);
  const solo = changed('T6', (one) => ({ ...one, decision: { ...one.decision, mode: 'solo' } }));
  t.match(last(solo), /^NOT PROVEN .* the record of epoch 6 was SOLO/);
  const begun = recorded.decisions.findIndex(({ decision }) => decision.row === 'T6');
  t.match(explained(event, recorded.decisions.slice(0, begun)).lines.slice(-4), [
    'The takeover of db2 did not come to its end.',
    /accepted by not known\.$/,
    /^Takeover of db2 in ms: vote 82, total 82\.$/,
    /^db2 never asked for the record/,
  ]);
  t.match(explained(event, []).lines, [/^Event/, 'No decision of a guard is known from around this time.']);
  t.end();
});

test('it is told in Chinese line by line, with the same figures', (t) => {
  const event = eventOf('VipMoved', 'db2');
  const input = {
    event,
    decisions: recorded.decisions,
    events: recorded.events,
    hosts: ['db1', 'db2'],
  } as const;
  const english = explain(input).lines;
  const chinese = explain({ ...input, words: CHINESE }).lines;
  t.equal(chinese.length, english.length);
  for (const [index, line] of chinese.slice(1).entries()) {
    t.match(line, /\p{Script=Han}.*。|\d。$/u);
    t.notMatch(line, /[a-z]{3,} [a-z]{3,}/, 'no words of another language are left');
    const figures = (text: string): string[] => text.match(/\d+(?:[-.:]\d+)*/g)?.toSorted() ?? [];
    const before = figures(english[index + 1] ?? '');
    t.same(
      figures(line).filter((one) => !before.includes(one)),
      [],
      'no figure of its own',
    );
  }
  t.match(chinese.at(-1), /^已确认的事务没有遗漏：.*：0-1-7,101-1-2,102-2-2。$/);
  t.end();
});

test('where nobody took over, the decisions alone are told', (t) => {
  const first = recorded.decisions[0];
  const event = { ...eventOf('VipMoved', 'db2'), time: first?.time ?? 0 };
  const { lines, takeover } = explained(event);
  t.equal(takeover, null);
  t.equal(lines.at(-1), 'No host took over.');
  t.match(rowsOf(lines), ['db1  W1']);
  t.end();
});
