import { test } from 'tap';
import { AppError, fromSerialized, toAppError } from '../../../shared/errors/app-error.ts';
import { ERROR_CODES } from '../../../shared/errors/codes.ts';

test('an error survives the wire', async (t) => {
  const error = new AppError('DISK_FULL', '/var is full.', { data: { path: '/var' } });
  const back = fromSerialized(JSON.parse(JSON.stringify(error)));
  t.match(back, { code: 'DISK_FULL', message: '/var is full.', data: { path: '/var' } });
});

test('an unknown code from the wire is kept as data, never trusted', async (t) => {
  for (const code of ['NO_SUCH_CODE', 'toString', '__proto__', 7, undefined]) {
    t.match(fromSerialized({ code, message: 'x' }), { code: 'INTERNAL', data: { originalCode: code } });
  }
  t.match(fromSerialized({}), { code: 'INTERNAL', message: 'unknown error' });
});

test('whatever was thrown becomes a coded error', async (t) => {
  const known = new AppError('REFUSED', 'no');
  t.equal(toAppError(known), known);
  t.match(toAppError(new TypeError('oops')), { code: 'INTERNAL', message: 'oops' });
  t.match(toAppError('text'), { code: 'INTERNAL', message: 'text' });
});

test('every code has a meaning and a remedy in whole sentences', async (t) => {
  for (const [code, entry] of Object.entries(ERROR_CODES)) {
    t.match(code, /^[A-Z][A-Z_]+$/);
    t.match(entry.meaning, /\.$/, `${code}: meaning`);
    t.match(entry.remedy, /\.$/, `${code}: remedy`);
  }
});
