import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { refusalOf, startTestSlack } from './slack-world.ts';

describe('rate limits', () => {
  test('a channel takes a small burst and then one message a second, and says when to come back', async () => {
    const clock = createHandClock();
    const { alerts, client, messageLog } = await startTestSlack({ clock, limits: 'slack' });
    const post = async (channel: string): Promise<string> =>
      client.chat.postMessage({ channel, text: 'x' }).then(
        () => 'ok',
        (error: unknown) => String(error),
      );

    const burst = [await post(alerts), await post(alerts), await post(alerts), await post('#oom-alerts')];
    const fifth = await post(alerts);
    const elsewhere = await post('deployments');
    await clock.advance(1000);
    const afterASecond = await post(alerts);
    const atOnce = await post(alerts);

    expect(burst).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(fifth).toContain('rate-limit has been reached, you may retry this request in 1 seconds');
    expect([elsewhere, afterASecond]).toEqual(['ok', 'ok']);
    expect(atOnce).toContain('retry this request in 1 seconds');
    expect(messageLog()).toHaveLength(6);
  });

  test('a tier 3 method takes 50 calls a minute', async () => {
    const clock = createHandClock();
    const slack = await startTestSlack({ clock, limits: 'slack' });
    const call = async (): Promise<number> =>
      (await fetch(`${slack.apiUrl}conversations.info?channel=${slack.alerts}&token=${slack.botToken}`)).status;

    const first = await Promise.all(Array.from({ length: 50 }, call));
    const next = await call();
    await clock.advance(60_000 / 50);
    const later = await call();

    expect(new Set(first)).toEqual(new Set([200]));
    expect([next, later]).toEqual([429, 200]);
  });

  test('a scaled workspace takes that many times more', async () => {
    const { alerts, client } = await startTestSlack({ clock: createHandClock(), limits: { scale: 10 } });

    const posts = await Promise.all(
      Array.from({ length: 40 }, async () => client.chat.postMessage({ channel: alerts, text: 'x' })),
    );

    expect(posts).toHaveLength(40);
  });
});

describe('faults on demand', () => {
  test('a post that timed out after success is there', async () => {
    const slack = await startTestSlack();
    const hurried = slack.clientWith(slack.botToken, 200);
    slack.faults.inject({ kind: 'timeout-after-success', method: 'chat.postMessage' });

    const first = await hurried.chat.postMessage({ channel: slack.alerts, text: 'once' }).then(
      () => 'answered',
      () => 'no answer',
    );
    const history = await slack.client.conversations.history({ channel: slack.alerts });

    expect(first).toBe('no answer');
    expect(history.messages).toMatchObject([{ text: 'once' }]);
    expect(slack.faults.list()).toMatchObject([{ kind: 'timeout-after-success', fired: 1, remaining: 0 }]);
  });

  test('a server error keeps nothing and counts as often as it fired', async () => {
    const slack = await startTestSlack();
    slack.faults.inject({ kind: 'http-500', method: 'chat.postMessage', count: 2 });

    const outcomes: string[] = [];
    for (const text of ['1', '2', '3']) {
      const call = slack.client.chat.postMessage({ channel: slack.alerts, text });
      outcomes.push(
        await call.then(
          () => 'ok',
          () => 'failed',
        ),
      );
    }

    expect(outcomes).toEqual(['failed', 'failed', 'ok']);
    expect(slack.messageLog()).toHaveLength(1);
    expect(slack.faults.list()).toMatchObject([{ fired: 2 }]);
  });

  test('a burst of 429 names a time to wait', async () => {
    const slack = await startTestSlack();
    slack.faults.inject({ kind: 'ratelimited', method: 'auth.test' });

    const response = await fetch(`${slack.apiUrl}auth.test?token=${slack.botToken}`);

    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toEqual({ ok: false, error: 'ratelimited' });
  });

  test('a revoked token is refused everywhere, an archived channel only where one writes', async () => {
    const { alerts, client, faults } = await startTestSlack();
    faults.inject({ kind: 'token_revoked', count: 2 });

    const revoked = [await refusalOf(client.auth.test()), await refusalOf(client.team.info())];
    faults.inject({ kind: 'is_archived', channel: alerts });
    await client.conversations.info({ channel: alerts });
    const elsewhere = await client.chat.postMessage({ channel: 'deployments', text: 'x' });
    const archived = await refusalOf(client.chat.postMessage({ channel: alerts, text: 'x' }));

    expect(revoked.map((refusal) => refusal.error)).toEqual(['token_revoked', 'token_revoked']);
    expect(elsewhere.ok).toBe(true);
    expect(archived.error).toBe('is_archived');
  });

  test('cleared faults fire no more', async () => {
    const { client, faults } = await startTestSlack();
    faults.inject({ kind: 'invalid_auth', count: 100 });

    await refusalOf(client.auth.test());
    faults.clear();
    const answer = await client.auth.test();

    expect(answer.ok).toBe(true);
    expect(faults.list()).toMatchObject([{ fired: 1, remaining: 0 }]);
  });
});
