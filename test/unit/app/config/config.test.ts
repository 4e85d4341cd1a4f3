import { expect, test } from 'vitest';
import { readConfig, secretsOf } from '../../../../src/app/config/config.ts';
import { usualTiming } from '../../../../src/app/config/timing.ts';
import { Failure } from '../../../../src/core/failure.ts';

const right = { OOMKEEPER_CLUSTER: 'prod', SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };

function problems(environment: NodeJS.ProcessEnv): string {
  try {
    readConfig(environment, ['watcher', 'worker', 'bot']);
    return '';
  } catch (error) {
    return error instanceof Failure ? error.message : String(error);
  }
}

test('with the needed variables everything else has a default', () => {
  const config = readConfig(right, ['watcher', 'worker', 'bot']);

  expect(config).toMatchObject({
    OOMKEEPER_MODE: 'observe',
    OOMKEEPER_APPROVERS: [],
    OOMKEEPER_LOOK_BACK: 3_600_000,
    OOMKEEPER_PROMETHEUS_URL: { is: 'search' },
    SLACK_API_URL: 'https://slack.com/api/',
  });
});

test('an empty variable is an absent one', () => {
  expect(readConfig({ ...right, OOMKEEPER_MODE: ' ' }, ['worker']).OOMKEEPER_MODE).toBe('observe');
});

test('every problem is told at once, by name, with an example', () => {
  const message = problems({ OOMKEEPER_CLUSTER: 'Prod!', OOMKEEPER_VERIFY_AFTER: 'soon', SLACK_BOT_TOKEN: 'xoxb-1' });

  expect(message).toMatch(/3 problems/);
  expect(message).toMatch(/OOMKEEPER_CLUSTER must be .* for example OOMKEEPER_CLUSTER=prod/);
  expect(message).toMatch(/OOMKEEPER_VERIFY_AFTER .* for example OOMKEEPER_VERIFY_AFTER=15m/);
  expect(message).toMatch(/SLACK_APP_TOKEN is missing: the bot cannot start without it/);
});

test.each(['0s', '50ms', '30d'])('nothing is done again and again every %s, and nothing has so long', (text) => {
  const names = ['SAMPLE_EVERY', 'CONFIRM_TIMEOUT'];

  for (const name of names)
    expect(problems({ ...right, [`OOMKEEPER_${name}`]: text })).toMatch(`OOMKEEPER_${name} must be from 100ms to 24d`);
});

test('an approval that has always expired before the alternative is tried is refused', () => {
  const given = { OOMKEEPER_CONFIRM_TIMEOUT: '15m', OOMKEEPER_CHANGE_TTL: '15m' };

  expect(problems({ ...right, ...given })).toMatch('OOMKEEPER_CONFIRM_TIMEOUT must be shorter than');
  expect(problems({ ...right, ...given, OOMKEEPER_CHANGE_TTL: '16m' })).toBe('');
});

test.each(['LOOK_BACK', 'APPROVAL_TTL', 'VERIFY_AFTER'])('what no timer runs by may be long: %s', (name) => {
  expect(problems({ ...right, [`OOMKEEPER_${name}`]: '30d' })).toBe('');
});

test('a test shortens internal timing, and every other of it stays', () => {
  const { timing } = readConfig({ ...right, OOMKEEPER_TEST_TIMING: '{"sweepEveryMs":250}' }, []);

  expect(timing).toEqual({ ...usualTiming, sweepEveryMs: 250 });
  expect(usualTiming.sweepEveryMs).toBe(5_000);
  expect(() => readConfig({ ...right, OOMKEEPER_TEST_TIMING: '{"sweepEvery":1}' }, [])).toThrow('sweepEvery');
});

test('a process is not asked for what it does not need', () => {
  expect(() => readConfig({ OOMKEEPER_CLUSTER: 'prod' }, ['watcher'])).not.toThrow();
});

test('a misspelt variable is noticed', () => {
  expect(problems({ ...right, OOMKEEPER_MOOD: 'act' })).toMatch(
    /OOMKEEPER_MOOD is not a variable of Oomkeeper \(did you mean OOMKEEPER_MODE\?\)/,
  );
});

test.each(['SLACK_BOT_TOKEN', 'REDIS_URL'])('a wrong %s is not printed', (name) => {
  expect(problems({ ...right, [name]: 'hunter2-secret' })).not.toContain('hunter2');
});

test('secrets are known, so that they can be redacted', () => {
  const config = readConfig({ ...right, REDIS_URL: 'redis://:hunter2@redis:6379' }, ['bot']);

  expect(secretsOf(config)).toEqual(['xoxb-1', 'xapp-1', 'redis://:hunter2@redis:6379']);
});

test('every URL with a login is a secret, whatever it is for', () => {
  const environment = {
    HTTPS_PROXY: 'http://me:hunter2@proxy:3128',
    OOMKEEPER_PROMETHEUS_URL: 'https://tok@prom',
    X: 'http://x',
  };

  expect(secretsOf(readConfig(right, ['bot']), environment).slice(-2)).toEqual([
    'http://me:hunter2@proxy:3128',
    'https://tok@prom',
  ]);
});
