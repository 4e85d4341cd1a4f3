import { verify } from '@octokit/webhooks-methods';
import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readBody } from '../../../sandbox/http-router.ts';
import { listen } from '../../../sandbox/listen.ts';
import { manifest, openRaise, startTestGithub } from './github-world.ts';

interface Received {
  readonly event: string;
  readonly guid: string;
  readonly signature: string;
  readonly text: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A receiver that keeps what it got, in the order in which it came. */
async function startReceiver(status = 202): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const header = (name: string): string => String(request.headers[name]);
      received.push({
        event: header('x-github-event'),
        guid: header('x-github-delivery'),
        signature: header('x-hub-signature-256'),
        text,
        payload: JSON.parse(text) as Received['payload'],
      });
      response.writeHead(status).end();
    });
  });
  const port = await listen(server, 0);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}/webhook`, received };
}

const kindsOf = (received: readonly Received[]): readonly string[] =>
  received.map(({ event, payload }) =>
    payload['action'] === undefined ? event : `${event} ${JSON.stringify(payload['action']).replaceAll('"', '')}`,
  );

describe('webhooks', () => {
  test('are signed, start with a ping and tell of pushes and pull requests', async () => {
    const { control, installation, webhookSecret } = await startTestGithub();
    const { received, url } = await startReceiver();

    control.setWebhook(url);
    await control.idle();
    const pull_number = await openRaise(installation);
    control.push({ repo: 'acme/shop', branch: 'oomkeeper/checkout', files: { note: 'x\n' }, user: 'amira' });
    await control.idle();
    const before = kindsOf(received);
    received.length = 0;
    control.merge({ repo: 'acme/shop', number: pull_number, user: 'amira' });
    await control.idle();

    expect(before[0]).toBe('ping');
    expect(before.slice(1).toSorted()).toEqual([
      'pull_request opened',
      'pull_request synchronize',
      'push',
      'push',
      'push',
    ]);
    expect(kindsOf(received).toSorted()).toEqual(['pull_request closed', 'push']);
    const closed = received.find(({ event }) => event === 'pull_request');
    expect(closed?.payload).toMatchObject({
      action: 'closed',
      number: 1,
      pull_request: { number: 1, merged: true, merged_by: { login: 'amira' }, base: { ref: 'main' } },
      repository: { full_name: 'acme/shop' },
      sender: { login: 'amira' },
      installation: { id: expect.any(Number) },
    });
    const push = received.find(({ event }) => event === 'push');
    expect(push?.payload).toMatchObject({
      ref: 'refs/heads/main',
      forced: false,
      commits: [
        { modified: ['apps/checkout.yaml'] },
        { added: ['note'] },
        { message: expect.stringMatching(/^Merge pull request #1/) },
      ],
    });
    const { signature = '', text = '' } = closed ?? {};
    expect(await verify(webhookSecret, text, signature)).toBe(true);
    expect(await verify('another secret', text, signature)).toBe(false);
  });

  test('a closed pull request says that it was not merged', async () => {
    const { control, person } = await startTestGithub();
    const { received, url } = await startReceiver();
    const number = await openRaise(person);
    control.setWebhook(url);

    control.close({ repo: 'acme/shop', number, user: 'lena' });
    await control.idle();

    const payload = received.find(({ event }) => event === 'pull_request')?.payload;
    expect(payload).toMatchObject({ action: 'closed', pull_request: { merged: false }, sender: { login: 'lena' } });
  });

  test('a redelivery has the same id and the same body', async () => {
    const { control, person } = await startTestGithub();
    const { received, url } = await startReceiver(500);
    control.setWebhook(url);
    await openRaise(person);
    await control.idle();
    const opened = received.find(({ payload }) => payload['action'] === 'opened');

    const again = control.redeliver(opened?.guid ?? '');
    const unknown = control.redeliver('none');
    await control.idle();

    expect([again, unknown.ok]).toEqual([{ ok: true }, false]);
    expect(received.at(-1)).toEqual(opened);
    expect(control.deliveries().at(-1)).toMatchObject({ isRedelivery: true, status: 500, event: 'pull_request' });
  });

  test('may be lost or doubled on demand', async () => {
    const { control, faults, person } = await startTestGithub();
    const { received, url } = await startReceiver();
    control.setWebhook(url);
    await control.idle();
    faults.inject({ kind: 'webhook-lost', operation: 'push', count: 2 });
    faults.inject({ kind: 'webhook-twice', operation: 'pull_request' });

    await openRaise(person);
    await control.idle();

    expect(kindsOf(received)).toEqual(['ping', 'pull_request opened', 'pull_request opened']);
    expect(new Set(received.map(({ guid }) => guid)).size).toBe(2);
    expect(faults.list().map(({ fired }) => fired)).toEqual([2, 1]);
  });

  test('to an address where nobody listens are logged, and the change stands', async () => {
    const { complaints, control } = await startTestGithub();
    const { url } = await startReceiver();
    control.setWebhook(url.replace(/:\d+/, ':1'));

    const pushed = control.push({ repo: 'acme/shop', files: { note: 'x' } });
    await control.idle();

    expect(pushed).toEqual({ ok: true });
    expect(control.files('acme/shop')).toMatchObject({ note: 'x', 'apps/checkout.yaml': manifest });
    expect(complaints.map(({ message }) => message)).toEqual([
      'a webhook could not be delivered',
      'a webhook could not be delivered',
    ]);
    expect(control.deliveries()).toMatchObject([
      { event: 'ping', status: null },
      { event: 'push', status: null },
    ]);
  });
});
