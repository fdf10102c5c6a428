import { test } from 'tap';
import { assertSchedule, dueTimes, missedTimes } from '../../../coordinator/report/schedule.ts';
import { cronOf } from '../../../coordinator/report/schedule-words.ts';

const iso = (times: number[]): string[] => times.map((time) => new Date(time).toISOString().slice(0, 16));
const due = (expression: string, zone: string, from: string, to: string): string[] =>
  iso(dueTimes(expression, zone, Date.parse(from), Date.parse(to)));

test('due times follow the wall clock of the zone', async (t) => {
  t.same(due('0 8 * * *', 'Asia/Shanghai', '2026-11-20T00:00Z', '2026-11-22T00:00Z'), [
    '2026-11-21T00:00',
    '2026-11-22T00:00',
  ]);
  t.same(due('30 9 * * MON', 'Asia/Kolkata', '2026-11-15T00:00Z', '2026-11-24T00:00Z'), [
    '2026-11-16T04:00',
    '2026-11-23T04:00',
  ]);
  t.same(due('*/20 7 * * *', 'UTC', '2026-11-20T07:05Z', '2026-11-20T07:50Z'), [
    '2026-11-20T07:20',
    '2026-11-20T07:40',
  ]);
  t.same(
    due('0 0 1 * *', 'Asia/Kathmandu', '2026-09-15T00:00Z', '2026-10-15T00:00Z'),
    ['2026-09-30T18:15'],
    'a zone of 5:45',
  );
});

test('from is left out and to is included, to the minute', async (t) => {
  t.same(due('0 8 * * *', 'UTC', '2026-11-20T08:00Z', '2026-11-21T08:00Z'), ['2026-11-21T08:00']);
  t.same(due('0 8 * * *', 'UTC', '2026-11-20T08:00:30Z', '2026-11-21T07:59:59Z'), []);
});

test('in spring the skipped hour has no schedule, and the day before and after keep theirs', async (t) => {
  t.same(due('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-31T00:00Z'), [
    '2026-03-28T01:30',
    '2026-03-30T00:30',
  ]);
  t.same(due('0 8 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-30T00:00Z'), [
    '2026-03-28T07:00',
    '2026-03-29T06:00',
  ]);
});

test('in autumn the repeated hour counts once, the first time', async (t) => {
  t.same(due('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', '2026-10-26T12:00Z'), [
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
  t.same(
    due('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:45Z', '2026-10-25T12:00Z'),
    [],
    'also when the first is before the range',
  );
  t.same(due('0 8 * * *', 'America/New_York', '2026-10-31T13:00Z', '2026-11-01T14:00Z'), [
    '2026-11-01T13:00',
  ]);
});

test('what was missed is everything between the last report and this one', async (t) => {
  const missed = (lastKept: string, now: string) =>
    iso(missedTimes('0 8 * * *', 'UTC', Date.parse(lastKept), Date.parse(now)));
  t.same(missed('2026-11-20T08:00:02Z', '2026-11-21T08:00:01Z'), [], 'on time');
  t.same(missed('2026-11-18T08:00:02Z', '2026-11-21T08:00:01Z'), ['2026-11-19T08:00', '2026-11-20T08:00']);
  t.same(
    missed('2026-11-18T08:00:02Z', '2026-11-19T12:00Z'),
    ['2026-11-19T08:00'],
    'when the daemon starts at noon',
  );
});

test('a schedule of every minute over a long absence is answered, for the last 35 days', async (t) => {
  t.equal(dueTimes('* * * * *', 'UTC', 0, Date.UTC(2026, 10, 22)).length, 35 * 1440);
});

test('a wrong expression or zone is a wrong file', async (t) => {
  t.doesNotThrow(() => assertSchedule('0 8 * * 1-5', 'Asia/Shanghai'));
  for (const [expression, zone] of [
    ['0 8 * *', 'UTC'],
    ['0 0 8 * * *', 'UTC'],
    ['0 25 * * *', 'UTC'],
    ['0 8 * * *', 'Asia/Atlantis'],
  ] as const)
    t.throws(() => assertSchedule(expression, zone), { code: 'CONFIG_INVALID' }, `${expression} ${zone}`);
});

test('daily, weekly and monthly are schedules, too', async (t) => {
  const dues = (word: string) => due(cronOf(word), 'UTC', '2026-11-01T09:00Z', '2026-12-01T08:00Z');
  t.equal(dues('daily').length, 30);
  t.same(dues('weekly'), [
    '2026-11-02T08:00',
    '2026-11-09T08:00',
    '2026-11-16T08:00',
    '2026-11-23T08:00',
    '2026-11-30T08:00',
  ]);
  t.same(dues('monthly'), ['2026-12-01T08:00']);
  t.equal(cronOf('*/20 7 * * *'), '*/20 7 * * *');
});
