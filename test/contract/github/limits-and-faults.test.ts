import { Octokit } from '@octokit/core';
import { restEndpointMethods } from '@octokit/plugin-rest-endpoint-methods';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { branchWithRaise, openRaise, refusalOf, shop, startTestGithub } from './github-world.ts';

const head = 'oomkeeper/checkout';
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

describe('limits', () => {
  test('an hour’s requests are counted for each caller and start anew when it is over', async () => {
    const clock = createHandClock(Date.now());
    const { installation, person } = await startTestGithub({ clock, rateLimit: 2 });

    const first = await person.rest.repos.get(shop);
    await person.rest.repos.get(shop);
    const refused = await refusalOf(person.rest.repos.get(shop));
    const look = await person.rest.rateLimit.get();
    const other = await installation.rest.repos.get(shop);
    await clock.advance(3_600_001);
    const later = await person.rest.repos.get(shop);

    expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1' });
    expect(refused).toMatchObject({
      status: 403,
      message: expect.stringMatching(/^API rate limit exceeded for user ID \d+/),
    });
    expect(refused.headers).toMatchObject({ 'x-ratelimit-remaining': '0' });
    expect(look.data.rate).toMatchObject({ limit: 2, used: 2, remaining: 0 });
    expect([other.status, later.status]).toEqual([200, 200]);
  });

  test('octokit’s throttling waits as long as GitHub says, for both kinds of limit', async () => {
    const { apiUrl, faults, requestLog, token } = await startTestGithub();
    const waits: string[] = [];
    const heard = (kind: string) => (afterS: number) => {
      waits.push(`${kind} ${afterS}`);
      return true;
    };
    const Throttled = Octokit.plugin(restEndpointMethods, throttling);
    const client = new Throttled({
      auth: token,
      baseUrl: apiUrl,
      log,
      throttle: {
        // The plugin's second is a millisecond here.
        retryAfterBaseValue: 1,
        onRateLimit: (afterS) => heard('primary')(Math.round(afterS / 10)),
        onSecondaryRateLimit: heard('secondary'),
      },
    });
    faults.inject({ kind: 'secondary-rate-limit', operation: 'repos/get', afterS: 7 });
    faults.inject({ kind: 'rate-limit', operation: 'repos/get-branch', afterS: 70 });

    await client.rest.repos.get(shop);
    await client.rest.repos.getBranch({ ...shop, branch: 'main' });

    expect(waits).toEqual(['secondary 7', 'primary 7']);
    expect(requestLog().map(({ fault, status }) => [status, fault])).toEqual([
      [403, 'secondary-rate-limit'],
      [200, undefined],
      [403, 'rate-limit'],
      [200, undefined],
    ]);
  });

  test('a 429 says the same as a 403', async () => {
    const { faults, person } = await startTestGithub();
    faults.inject({ kind: 'rate-limit-429' });

    const refused = await refusalOf(person.rest.repos.get(shop));

    expect(refused).toMatchObject({ status: 429, message: expect.stringContaining('API rate limit exceeded') });
    expect(Number(refused.headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000);
  });
});

describe('faults on demand', () => {
  test.each([
    ['http-500', 500],
    ['http-502', 502],
    ['bad-credentials', 401],
  ] as const)('%s answers so as often as asked, does nothing, and is counted', async (kind, status) => {
    const { control, faults, person } = await startTestGithub();
    await branchWithRaise(person);
    faults.inject({ kind, operation: 'pulls/create', count: 2 });
    const create = async () => person.rest.pulls.create({ ...shop, head, base: 'main', title: 't' });

    const refused = [await refusalOf(create()), await refusalOf(create())];
    const none = control.pulls('acme/shop').length;
    const third = await create();

    expect(refused.map((refusal) => refusal.status)).toEqual([status, status]);
    expect([none, third.status]).toEqual([0, 201]);
    expect(faults.list()).toMatchObject([{ kind, fired: 2, remaining: 0 }]);
  });

  test('a retry after a 500 that came after success meets what the first try made', async () => {
    const { apiUrl, control, faults, person, token } = await startTestGithub();
    await branchWithRaise(person);
    const Retrying = Octokit.plugin(restEndpointMethods, retry);
    const client = new Retrying({ auth: token, baseUrl: apiUrl, log, retry: { retryAfterBaseValue: 1 } });
    faults.inject({ kind: 'http-500-after-success', operation: 'pulls/create' });

    const refused = await refusalOf(client.rest.pulls.create({ ...shop, head, base: 'main', title: 't' }));

    expect(refused).toMatchObject({ status: 422, errors: [{ message: expect.stringContaining('already exists') }] });
    expect(control.pulls('acme/shop')).toHaveLength(1);
  });

  test('a time-out after success leaves what was done', async () => {
    const { control, faults, person, requestLog } = await startTestGithub();
    await branchWithRaise(person);
    faults.inject({ kind: 'timeout-after-success', method: 'POST', holdMs: 20 });

    const create = person.rest.pulls.create({ ...shop, head, base: 'main', title: 't' });

    await expect(create).rejects.toMatchObject({ status: 500 });
    expect(control.pulls('acme/shop')).toMatchObject([{ number: 1, state: 'open' }]);
    expect(requestLog().at(-1)).toMatchObject({ status: null, fault: 'timeout-after-success' });
  });

  test('what comes after success does not fire on a refusal, and cleared faults never', async () => {
    const { faults, person } = await startTestGithub();
    faults.inject({ kind: 'http-500-after-success' });
    faults.inject({ kind: 'http-502', operation: 'pulls/list' });

    const missing = await refusalOf(person.rest.pulls.get({ ...shop, pull_number: 1 }));
    const armed = faults.list().map(({ remaining }) => remaining);
    faults.clear();
    const number = await openRaise(person);

    expect(missing.status).toBe(404);
    expect(armed).toEqual([1, 1]);
    expect(number).toBe(1);
  });
});
