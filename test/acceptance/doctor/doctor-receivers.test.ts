import { expect, onTestFinished, test } from 'vitest';
import { startAlertmanager } from '../../../sandbox/alertmanager/start-alertmanager.ts';
import { startRedis } from '../../../scripts/redis/redis.mjs';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import { createRefusals } from '../../../src/adapters/redis/notify/refusals.ts';
import { readConfig } from '../../../src/app/config/config.ts';
import { receiversFor } from '../../../src/app/notify/receivers.ts';
import { closedPort, visit } from './doctor-visit.ts';

/* What `oomkeeper doctor receivers` says of PagerDuty and Alertmanager, without calling anybody. */

const key = '0123456789abcdef0123456789abcdef';

test('nothing is configured, so nobody is called', async () => {
  const { code, findings } = await visit(['receivers'], {});

  expect(code).toBe(0);
  expect(findings.map(({ what, state }) => `${what} ${state}`)).toEqual(['PagerDuty skipped', 'Alertmanager skipped']);
});

test('Alertmanager is asked what it is and told nothing; PagerDuty can only be told', async () => {
  const alertmanager = await startAlertmanager({
    clock: { now: Date.now },
    authorization: `Basic ${btoa('me:hunter2')}`,
  });
  onTestFinished(alertmanager.close);

  const { code, of } = await visit(['receivers'], {
    REDIS_URL: `redis://127.0.0.1:${await closedPort()}`,
    PAGERDUTY_ROUTING_KEY: key,
    OOMKEEPER_ALERTMANAGER_URL: alertmanager.url.replace('//', '//me:hunter2@'),
  });

  expect(code).toBe(0);
  expect(of('PagerDuty')).toMatchObject({ state: 'ok', text: expect.stringContaining('only the first alarm shows') });
  expect(of('Alertmanager')).toMatchObject({ state: 'ok', text: expect.stringContaining('is Alertmanager 0.27.0') });
  expect(of('clock of Alertmanager')).toMatchObject({ state: 'ok' });
  expect(alertmanager.answers()).toEqual([]);
});

test('credentials that are not taken, and an address where nobody is, are problems', async () => {
  const alertmanager = await startAlertmanager({ clock: { now: Date.now }, authorization: 'Bearer another-token' });
  onTestFinished(alertmanager.close);

  const { of } = await visit(['receivers'], {
    OOMKEEPER_ALERTMANAGER_URL: `${alertmanager.url},http://127.0.0.1:${await closedPort()}`,
    OOMKEEPER_ALERTMANAGER_TOKEN: 'a-wrong-token',
  });

  expect(of('Alertmanager')).toMatchObject({ state: 'problem', text: expect.stringContaining('answers 401') });
  expect(of('Alertmanager 2')).toMatchObject({ state: 'problem', text: expect.stringContaining('ECONNREFUSED') });
});

test('a refusal that a bot has met is a problem, until the key is another one', async () => {
  const server = await startRedis({ log: () => undefined });
  onTestFinished(() => server.stop());
  const environment = { REDIS_URL: server.url, PAGERDUTY_ROUTING_KEY: key };
  const redis = connectRedis(server.url, { role: 'store', onError: () => undefined });
  onTestFinished(() => closeRedis(redis));
  const [pagerduty] = receiversFor(readConfig(environment, []));
  const refusal = {
    configuration: pagerduty?.configuration ?? '',
    at: Date.now(),
    why: 'Invalid routing key.',
    until: 0,
  };
  await createRefusals(redis).keep('pagerduty', refusal);
  onTestFinished(() => createRefusals(redis).keep('pagerduty', null));

  expect((await visit(['receivers'], environment)).of('PagerDuty')).toMatchObject({
    state: 'problem',
    text: expect.stringContaining('Invalid routing key.'),
  });
  const other = { ...environment, PAGERDUTY_ROUTING_KEY: key.replace('0', 'f') };
  expect((await visit(['receivers'], other)).of('PagerDuty')).toMatchObject({ state: 'ok' });
});
