import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { refusalOf, startTestSlack, startWithApp, type TestSlack } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

const outcome = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    () => 'failed',
  );

describe('rate limits', () => {
  test('go by the real clock, also while pretended time stands still', async () => {
    const hand = createHandClock();
    const clock = { ...hand, monotonic: () => 0 };
    const { alerts, client } = await startTestSlack({ clock, limits: 'slack' });
    const post = async (): Promise<string> => outcome(client.chat.postMessage({ channel: alerts, text: 'x' }));

    const burst = [await post(), await post(), await post(), await post(), await post()];
    await hand.advance(1_000);

    expect([...burst, await post()]).toEqual(['ok', 'ok', 'ok', 'ok', 'failed', 'ok']);
  });

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
    const elsewhere = await post('payments');
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
      (await fetch(`${slack.apiUrl}conversations.history?channel=${slack.alerts}&token=${slack.botToken}`)).status;

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
    slack.faults.inject({ kind: 'timeout-after-success', method: 'chat.postMessage', holdMs: 200 });

    const first = await slack.client.chat.postMessage({ channel: slack.alerts, text: 'once' }).then(
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

    const revoked = [await refusalOf(client.auth.test()), await refusalOf(client.conversations.list({}))];
    faults.inject({ kind: 'is_archived', channel: alerts });
    await client.conversations.history({ channel: alerts });
    const elsewhere = await client.chat.postMessage({ channel: 'payments', text: 'x' });
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

  test('a revoked token stays revoked until it is restored', async () => {
    const { client, faults } = await startTestSlack();
    const { id } = faults.inject({ kind: 'token_revoked', standing: true });

    const revoked = [await refusalOf(client.auth.test()), await refusalOf(client.conversations.list({}))];
    const unknown = faults.clear('F404');
    const cleared = faults.clear(id);
    const restored = await client.auth.test();

    expect(revoked.map((refusal) => refusal.error)).toEqual(['token_revoked', 'token_revoked']);
    expect([unknown, cleared, restored.ok]).toEqual([false, true, true]);
    expect(faults.list()).toMatchObject([{ fired: 2, remaining: 0 }]);
  });

  test('a connection that is cut leaves in the channel what was done', async () => {
    const { alerts, client, faults, store } = await startTestSlack();
    faults.inject({ kind: 'cut-after-work', method: 'chat.postMessage' });

    const cut = await outcome(client.chat.postMessage({ channel: alerts, text: 'cut' }));
    const posted = store.timeline(alerts).map(({ text }) => text);
    const next = await outcome(client.chat.postMessage({ channel: alerts, text: 'next' }));

    expect([cut, next]).toEqual(['failed', 'ok']);
    expect(posted).toEqual(['cut']);
    expect(faults.list()).toMatchObject([{ fired: 1, remaining: 0 }]);
  });

  test('an API that is down is so for as long as it was told', async () => {
    const clock = createHandClock();
    const { client, faults } = await startTestSlack({ clock });
    faults.inject({ kind: 'api-down', forMs: 2_000 });

    const during = [await outcome(client.auth.test()), await outcome(client.auth.test())];
    await clock.advance(2_000);
    const after = await outcome(client.auth.test());

    expect([...during, after]).toEqual(['failed', 'failed', 'ok']);
    expect(faults.list()).toMatchObject([{ fired: 2, remaining: 0 }]);
  });

  test('uploads and response URLs are cut as methods of their own', async () => {
    const slack = await startTestSlack();
    const urls = await slack.client.files.getUploadURLExternal({ filename: 'a.txt', length: 1 });
    const { upload_url: url = '' } = urls;
    const post = async (): Promise<string> =>
      fetch(url, { method: 'POST', body: 'x' }).then(
        (response) => String(response.status),
        () => 'cut',
      );

    slack.faults.inject({ kind: 'cut-after-work', method: 'upload' });
    const cut = await post();
    const again = await post();

    expect([cut, again]).toEqual(['cut', '404']);
  });
});

describe('faults of delivery', () => {
  async function startCounting(): Promise<{ slack: TestSlack; texts: string[] }> {
    const texts: string[] = [];
    const slack = await startWithApp((app) => {
      app.command('/oom', async ({ ack, command }) => {
        texts.push(command.text);
        await ack();
      });
    });
    return { slack, texts };
  }

  test('everything is delivered twice while doubling stands', async () => {
    const { slack, texts } = await startCounting();
    const { id } = slack.faults.inject({ kind: 'duplicate-delivery', standing: true });

    for (const text of ['one', 'two']) {
      await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: `/oom ${text}` });
    }
    await eventually(() => expect(texts).toHaveLength(4));
    slack.faults.clear(id);
    await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom three' });

    expect(texts.toSorted()).toEqual(['one', 'one', 'three', 'two', 'two']);
    expect(slack.faults.list()).toMatchObject([{ fired: 2, remaining: 0 }]);
  });

  test('a delivery can be overtaken by the next one', async () => {
    const { slack, texts } = await startCounting();
    slack.faults.inject({ kind: 'reordered-delivery', holdMs: 60_000 });

    const first = slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom first' });
    await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom second' });
    const late = await first;

    expect(texts).toEqual(['second', 'first']);
    expect(late.ok).toBe(true);
  });

  test('a delivery that nothing overtakes goes out all the same', async () => {
    const { slack, texts } = await startCounting();
    slack.faults.inject({ kind: 'reordered-delivery', holdMs: 50 });

    const alone = await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom alone' });

    expect(alone.ok).toBe(true);
    expect(texts).toEqual(['alone']);
  });
});
