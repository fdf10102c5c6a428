// What the daemon says in the other language: of every kind of event, of findings and headlines.
import { test } from 'tap';
import { EVENT_SENTENCES_ZH } from '../../../coordinator/api/event-sentences-zh.ts';
import { EVENT_KINDS, type EventKind } from '../../../coordinator/store/event-kinds.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';
import { inLanguage, withoutGrade } from '../../../coordinator/web/model/in-language.ts';

const say = (kind: EventKind, data: StoredEvent['data'] = {}, host: string | null = 'db1'): string =>
  EVENT_SENTENCES_ZH[kind]({ id: 1, time: 0, pair: 'orders', host, kind, message: '', data });

test('every kind of event is a sentence, even of an event without data', async (t) => {
  for (const kind of Object.keys(EVENT_KINDS) as EventKind[])
    for (const host of ['db1', null]) {
      const sentence = say(kind, {}, host);
      t.match(sentence, /^[^a-z].*。$|^(VIP|db1|orders|daemon).*。$/s, `${kind}: ${sentence}`);
      t.notMatch(sentence, /undefined|null|NaN|\[object/, kind);
    }
});

test('what the data tell is in the sentence', async (t) => {
  const gap = { from: 'db1', to: 'db2', gapMs: 568 };
  t.equal(say('VipMoved', { ...gap, gapFrom: 'guards' }, 'db2'), 'VIP 从 db1 移到 db2；无主持续 568 毫秒。');
  t.equal(
    say('VipMoved', { ...gap, gapFrom: 'heartbeats' }, 'db2'),
    'VIP 从 db1 移到 db2；无主持续最多 568 毫秒。',
  );
  t.equal(say('VipMoved', { from: null, to: 'db1' }), 'VIP 在 db1 上（首次看到）。');
  t.equal(say('RoleChanged', { from: 'standby', to: 'primary' }), 'db1 成为主库。');
  t.equal(
    say('ProtectionRestored', { from: 'solo', soloMs: 12_340 }),
    '每次提交都等待备库（SYNC）；此前 12.3 秒没有保护。',
  );
  t.equal(
    say('ConfigDrift', {
      files: [
        { path: '/etc/a', how: 'mode' },
        { path: '/etc/b', how: 'missing' },
      ],
    }),
    'db1 与部署时不同：/etc/a、/etc/b。',
  );
  t.equal(say('ReplicationBroken', { consequence: true }), 'db1 无法复制：对方的数据库已停止。');
  t.equal(
    say('ReplicationBroken', { channel: { ioError: '', sqlError: "Table 'a.b' doesn't exist" } }),
    "db1 的复制已停止：Table 'a.b' doesn't exist。",
  );
  t.equal(
    say('DrillFinished', { outcome: 'ok', outageMs: 142, rowsLost: 0, rowsAcknowledged: 900 }),
    '演练成功：142 毫秒没有确认写入，900 行中丢失 0 行。',
  );
  t.equal(
    say('WitnessMuted', { to: 'unreached' }, null),
    'orders 的见证联系不到任何 guard：在此期间，两台主机中只能失去一台。',
  );
});

test('a page shows the sentences of its own language', async (t) => {
  const view = { id: 1, message: 'It is so.', translations: { zh: { message: '是这样。' } } };
  t.equal(inLanguage(view, 'en').message, 'It is so.');
  t.equal(inLanguage(view, 'zh').message, '是这样。');
  t.equal(inLanguage(view, 'zh').id, 1);
});

test('a headline beside the grade and the name does not say them again', async (t) => {
  t.equal(withoutGrade('HEALTHY: orders: db1 is primary.', 'orders'), 'db1 is primary.');
  t.equal(withoutGrade('正常：orders：db1 为主库。', 'orders'), 'db1 为主库。');
  t.equal(withoutGrade('orders is not deployed yet.', 'orders'), 'orders is not deployed yet.');
});
