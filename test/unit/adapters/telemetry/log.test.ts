import { expect, test } from 'vitest';
import { createLog } from '../../../../src/adapters/telemetry/log.ts';
import type { Logger } from '../../../../src/adapters/telemetry/log.ts';
import { Failure } from '../../../../src/core/failure.ts';

const token = 'xoxb-12-AbC';
const redisUrl = 'redis://keeper:p%40ss"w\\ord/1@redis:6379';

function writing(write: (log: Logger) => void, secrets: readonly string[] = [token, redisUrl]): string {
  const lines: string[] = [];
  write(
    createLog({
      level: 'debug',
      secrets,
      base: { process: 'bot' },
      destination: { write: (line) => lines.push(line) },
    }),
  );
  return lines.join('');
}

const places: readonly [string, (log: Logger) => void][] = [
  ['the message', (log) => log.info(`token is ${token}`)],
  ['a field', (log) => log.info({ header: `Bearer ${token}` }, 'sent')],
  ['a nested field', (log) => log.info({ options: { headers: [{ authorization: token }] } }, 'sent')],
  ['the name of a field', (log) => log.info({ [token]: 1 }, 'sent')],
  ['an error', (log) => log.error({ error: new Error(`refused ${token}`) }, 'failed')],
  ['the cause of an error', (log) => log.error({ error: failing(new Error(`refused ${token}`)) }, 'failed')],
  [
    'a field of an error',
    (log) => log.error({ error: Object.assign(new Error('refused'), { config: { token } }) }, 'failed'),
  ],
  ['a URL-encoded body', (log) => log.info({ body: `token=${encodeURIComponent(token)}` }, 'sent')],
  ['a line of a child', (log) => log.child({ part: 'bot' }).info({ token }, 'sent')],
  ['a field of a child', (log) => log.child({ token }).info('sent')],
];

function failing(cause: unknown): Failure {
  return new Failure('chat-refused', 'Slack refuses the token.', { cause });
}

test.each(places)('a secret does not stand in %s', (_, write) => {
  const text = writing(write);

  expect(text).toContain('[secret]');
  expect(text).not.toContain('AbC');
  expect(() => JSON.parse(text) as unknown).not.toThrow();
});

test.each([
  ['as it is configured', redisUrl],
  ['URL-encoded', encodeURIComponent(redisUrl)],
  ['as JSON in a text', JSON.stringify({ url: redisUrl })],
])('the URL of Redis is hidden %s', (_, shown) => {
  const text = writing((log) => log.warn({ shown }, 'redis connection'));

  expect(text).not.toMatch(/p%?(25)?40ss/);
  expect(() => JSON.parse(text) as unknown).not.toThrow();
});

test.each([
  ['as a client reports it', 'hunter2-é', 'WRONGPASS for hunter2-é'],
  ['encoded', 'hunter2-é', 'redis://:hunter2-%C3%A9@elsewhere:6379'],
  ['with an escape', 'p@ss"w\\ord', 'AUTH keeper p@ss"w\\ord'],
])('the password in a URL is hidden where it stands alone, %s', (_, password, shown) => {
  const url = `redis://keeper:${encodeURIComponent(password)}@redis:6379`;

  const text = writing((log) => log.warn({ error: new Error(shown) }, 'redis connection'), [url]);

  expect(text).toMatch(/\[(?:secret|redacted)\]/);
  expect(text).not.toMatch(/hunter2|ss.{1,3}w/);
});

const pem = [
  '-----BEGIN PRIVATE KEY-----',
  'MIIEvQIBADANBgkqhkiG9w0BAQ',
  'lastLineOfTheKey==',
  '-----END PRIVATE KEY-----',
];

test.each([
  ['the password of sentinels', 'redis+sentinel://:p0@a:1,b:2/main?sentinel-password=hunter2', 'AUTH hunter2'],
  ['the password of several hosts', 'redis+cluster://:hunter2@a:6379,b:6379,c', 'AUTH default hunter2'],
  ['a token that is a user', 'https://hunter2@prometheus', 'user hunter2 refused'],
  ['a parameter', 'https://prometheus/?api_token=hunter2&x=1', 'refused: hunter2'],
  ['a line of a key', pem.join('\n'), 'cannot parse MIIEvQIBADANBgkqhkiG9w0BAQ'],
  ['a line of a key whose line ends are written as two letters', pem.join('\\n'), 'cannot parse lastLineOfTheKey=='],
])('%s is hidden where it stands alone', (_, secret, shown) => {
  const text = writing((log) => log.warn({ error: new Error(shown) }, 'failed'), [secret]);

  expect(text).toContain('[secret]');
  expect(text).not.toMatch(/hunter2|MIIEvQ|lastLine/);
});

test('the login of a URL that nobody configured is hidden, and the line is still JSON', () => {
  const text = writing((log) => log.warn({ url: 'http://me:hunter2@a,b:1/x?q="1"' }, 'asking ftp://me@host/'), []);

  expect(text).not.toMatch(/me:|me@|hunter2/);
  expect(JSON.parse(text)).toMatchObject({
    url: 'http://[redacted]@a,b:1/x?q="1"',
    msg: 'asking ftp://[redacted]@host/',
  });
});

test('a secret that begins like another one leaves nothing of it behind', () => {
  const text = writing((log) => log.info('it is xoxb-12-AbC'), ['xoxb-12', 'xoxb-12-AbC']);

  expect(text).not.toContain('AbC');
});

test('what is no secret stands there as it is', () => {
  const text = writing((log) => log.info({ incident: 'INC-7F3K' }, 'step'), ['', 'redis://redis:6379']);

  expect(JSON.parse(text)).toMatchObject({ level: 'info', msg: 'step', incident: 'INC-7F3K', process: 'bot' });
});

test('an error is told with its code, and with its cause', () => {
  const text = writing((log) => log.error({ error: failing(new Error('invalid_auth')) }, 'failed'));

  expect(JSON.parse(text)).toMatchObject({ error: { code: 'chat-refused', cause: { message: 'invalid_auth' } } });
});
