import { test } from 'tap';
import { type Standing, standingOf, type WitnessFacts } from '../../../coordinator/witness/standing.ts';

const VOTING: WitnessFacts = {
  ...{ now: 60_000, hasLedger: true, damaged: false, asked: true, writeFailed: false },
  ...{ muteUntil: 1000, linkedAt: 60_000, beganAt: 0 },
};

test('the standing of a witness, by what it has, is asked and reaches', async (t) => {
  const rows: readonly [Partial<WitnessFacts>, Standing | null][] = [
    [{}, 'voting'],
    [{ linkedAt: 50_001 }, 'voting'],
    [{ linkedAt: 50_000 }, 'unreached'],
    [{ linkedAt: null, beganAt: 50_001 }, null],
    [{ linkedAt: null, beganAt: 50_000 }, 'unreached'],
    [{ muteUntil: 60_001, linkedAt: null }, 'started'],
    [{ writeFailed: true }, 'storage'],
    [{ hasLedger: false }, 'forgot'],
    [{ hasLedger: false, asked: false }, null],
    [{ hasLedger: false, damaged: true, asked: false }, 'damaged'],
  ];
  for (const [facts, standing] of rows)
    t.equal(standingOf({ ...VOTING, ...facts }), standing, JSON.stringify(facts));
});
