import fc from 'fast-check';
import { test } from 'tap';
import {
  canonicalOption,
  commentLines,
  groupLine,
  optionLine,
  optionsOf,
  parseOptionFile,
  quoteValue,
  renderOptionFile,
  sameOption,
  setOption,
} from '../../../shared/text/option-file.ts';

const DEBIAN = `# The MariaDB configuration file
[client-server]
socket = /run/mysqld/mysqld.sock   # where it is

!includedir /etc/mysql/conf.d/
[mysqld]
  skip-name-resolve
; old style comment
log_bin
sql_mode = "A,B # not a comment"
max_connections=5
max_connections=6
`;

test('an option file comes back byte by byte', (t) => {
  t.equal(renderOptionFile(parseOptionFile(DEBIAN)), DEBIAN);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => renderOptionFile(parseOptionFile(text)) === text),
  );
  t.end();
});

test('options are read as the server reads them', (t) => {
  const lines = parseOptionFile(DEBIAN);
  t.same(
    optionsOf(lines, 'mysqld').map(({ key, value }) => [key, value]),
    [
      ['skip-name-resolve', null],
      ['log_bin', null],
      ['sql_mode', 'A,B # not a comment'],
      ['max_connections', '5'],
      ['max_connections', '6'],
    ],
  );
  t.same(optionsOf(lines, 'client-server')[0]?.value, '/run/mysqld/mysqld.sock');
  t.same(parseOptionFile("a = 'it\\'s \\s\\t\\q'")[0], {
    kind: 'option',
    key: 'a',
    value: "it's  \t\\q",
    text: "a = 'it\\'s \\s\\t\\q'",
  });
  t.end();
});

test('every value that is written is read back', (t) => {
  const value = fc.string({ unit: 'binary' }).filter((text) => !/[\0\v\f]/.test(text));
  fc.assert(
    fc.property(value, (text) => {
      const line = optionLine('some_option', text);
      const [read] = optionsOf(parseOptionFile(`[g]\n${line.text}`), 'g');
      return !line.text.includes('\n') && read?.value === text;
    }),
  );
  t.equal(quoteValue('1G'), '1G');
  t.equal(quoteValue('/var/lib/mysql'), '/var/lib/mysql');
  t.equal(quoteValue('a b'), '"a b"');
  t.equal(quoteValue(''), '""');
  t.end();
});

test('setting an option changes that option and nothing else', (t) => {
  const changed = renderOptionFile(setOption(parseOptionFile(DEBIAN), 'mysqld', 'max-connections', '7'));
  t.equal(changed, DEBIAN.replace('max_connections=6', 'max-connections = 7'));
  const added = renderOptionFile(setOption(parseOptionFile(DEBIAN), 'client-server', 'port', '3307'));
  t.equal(added, DEBIAN.replace('conf.d/\n', 'conf.d/\nport = 3307\n'));
  const grown = renderOptionFile(setOption(parseOptionFile(DEBIAN), 'mariadbd', 'port', '3307'));
  t.equal(grown, `${DEBIAN}[mariadbd]\nport = 3307\n`);
  const line = fc.constantFrom('[a]', '[b]', 'x = 1', 'y', '# c', '', '!include z');
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('a', 'b'), (texts, group) => {
      const before = parseOptionFile(texts.join('\n'));
      const once = setOption(before, group, 'x', '9');
      const kept = before.filter((one) => !once.includes(one));
      return (
        optionsOf(once, group).findLast(({ key }) => key === 'x')?.value === '9' &&
        kept.every((one) => one.text === '' || (one.kind === 'option' && one.key === 'x')) &&
        renderOptionFile(setOption(once, group, 'x', '9')) === renderOptionFile(once)
      );
    }),
  );
  t.end();
});

test('what no option file can hold is refused', (t) => {
  t.throws(() => optionLine('a b', '1'), RangeError);
  t.throws(() => optionLine('a=b', '1'), RangeError);
  t.throws(() => optionLine('[a]', '1'), RangeError);
  t.throws(() => optionLine('a', 'x\0'), RangeError);
  t.throws(() => groupLine('a]\nb'), RangeError);
  t.end();
});

test('names are compared as the server compares them', (t) => {
  t.ok(sameOption('log-bin', 'LOG_BIN'));
  t.ok(sameOption('loose-log-bin', 'log_bin'));
  t.notOk(sameOption('log_bin', 'log_bin_index'));
  t.equal(canonicalOption('Loose-Some-Thing'), 'some_thing');
  t.same(
    commentLines('a\n\nb').map(({ text }) => text),
    ['# a', '#', '# b'],
  );
  t.end();
});
