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

  expect(text).toContain('[secret]');
  expect(text).not.toMatch(/hunter2|ss.{1,3}w/);
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
