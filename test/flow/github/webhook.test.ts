import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { readWebhook, type Webhook } from '../../../src/adapters/github/webhook.ts';
import { closeForgeWorlds, proposalOf, repo, startForgeWorld } from './forge-world.ts';
import { bodyOf, closeServers, startServer } from './some-server.ts';

afterEach(async () => {
  await closeServers();
  await closeForgeWorlds();
});

/** A receiver as the bot will have one; every delivery as it was read. */
async function receive(secret: string): Promise<{ readonly url: string; readonly read: Webhook[] }> {
  const read: Webhook[] = [];
  const url = await startServer((request, response) => {
    void bodyOf(request)
      .then((rawBody) => readWebhook({ headers: request.headers, rawBody, secret }))
      .then((webhook) => {
        read.push(webhook);
        response.writeHead(webhook.is === 'refused' ? 401 : 202).end();
      });
  });
  return { url, read };
}

const payload = { cluster: 'prod', incident: 'INC-7F3K', plan: 'PLAN-000640' };

function told(read: readonly Webhook[]) {
  return read.filter((webhook) => webhook.is === 'pull-request');
}

describe('a webhook of GitHub', () => {
  test('tells of a merge: which incident, who and when', async () => {
    const { forge, github } = await startForgeWorld();
    const { url, read } = await receive(github.webhookSecret);
    github.control.setWebhook(url);
    await forge.propose(proposalOf());

    github.control.merge({ repo, number: 1, user: 'lena' });
    await github.control.idle();

    expect(told(read)).toEqual([
      {
        is: 'pull-request',
        payload,
        owner: 'shop',
        repo: 'infra',
        pullRequest: {
          number: 1,
          url: `${github.apiUrl}/${repo}/pull/1`,
          state: 'merged',
          by: 'lena',
          at: expect.any(Number),
        },
        delivery: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    ]);
    expect(told(read)[0]?.pullRequest.at).toBe((await forge.look(proposalOf().source, 1)).at);
  });

  test('tells who closed it without merging', async () => {
    const { forge, github } = await startForgeWorld();
    const { url, read } = await receive(github.webhookSecret);
    await forge.propose(proposalOf());
    github.control.setWebhook(url);

    github.control.close({ repo, number: 1, user: 'sam' });
    await github.control.idle();

    expect(told(read)).toMatchObject([{ payload, pullRequest: { state: 'closed', by: 'sam' } }]);
  });

  test('tells the same again when it is sent again', async () => {
    const { forge, github } = await startForgeWorld();
    const { url, read } = await receive(github.webhookSecret);
    await forge.propose(proposalOf());
    github.faults.inject({ kind: 'webhook-twice', operation: 'pull_request' });
    github.control.setWebhook(url);

    github.control.merge({ repo, number: 1, user: 'lena' });
    await github.control.idle();

    const all = told(read);
    expect(all).toHaveLength(2);
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test('is ignored where it tells of something else', async () => {
    const { forge, github } = await startForgeWorld();
    const { url, read } = await receive(github.webhookSecret);
    github.control.setWebhook(url);

    await forge.propose(proposalOf());
    await github.control.idle();

    expect(read.length).toBeGreaterThan(2);
    expect(new Set(read.map((webhook) => JSON.stringify(webhook)))).toEqual(
      new Set([
        JSON.stringify({ is: 'ignored', why: 'other-event' }),
        JSON.stringify({ is: 'ignored', why: 'other-action' }),
      ]),
    );
  });

  test('is refused with another secret', async () => {
    const { forge, github } = await startForgeWorld();
    const { url, read } = await receive('another secret');
    await forge.propose(proposalOf());
    github.control.setWebhook(url);

    github.control.merge({ repo, number: 1, user: 'lena' });
    await github.control.idle();

    expect(new Set(read.map((webhook) => JSON.stringify(webhook)))).toEqual(
      new Set([JSON.stringify({ is: 'refused', reason: 'bad-signature' })]),
    );
  });
});

describe('a request that anybody can send', () => {
  const secret = 'shh';
  const closed = {
    action: 'closed',
    sender: { login: 'lena' },
    repository: { name: 'infra', owner: { login: 'shop' } },
    pull_request: {
      number: 7,
      html_url: 'https://github.example/shop/infra/pull/7',
      state: 'closed',
      body: proposalOf().body,
      merged: false,
      merged_at: null,
      closed_at: '2026-11-24T14:02:11Z',
      merged_by: null,
    },
  };
  const sign = (body: string): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

  async function read(
    body: string,
    headers: Record<string, string | undefined> = {},
    with_ = secret,
  ): Promise<Webhook> {
    const usual = { 'x-hub-signature-256': sign(body), 'x-github-event': 'pull_request', 'x-github-delivery': 'd1' };
    return readWebhook({ headers: { ...usual, ...headers }, rawBody: body, secret: with_ });
  }

  test('is read when it is signed', async () => {
    await expect(read(JSON.stringify(closed))).resolves.toMatchObject({
      is: 'pull-request',
      payload,
      pullRequest: { number: 7, state: 'closed', by: 'lena', at: Date.UTC(2026, 10, 24, 14, 2, 11) },
      delivery: 'd1',
    });
  });

  test.each([
    ['no signature', 'no-signature', { 'x-hub-signature-256': undefined }],
    ['an empty signature', 'no-signature', { 'x-hub-signature-256': '' }],
    ['a signature of another body', 'bad-signature', { 'x-hub-signature-256': sign('{}') }],
    ['the old kind of signature', 'bad-signature', { 'x-hub-signature-256': `sha1=${'0'.repeat(40)}` }],
    ['a signature of another length', 'bad-signature', { 'x-hub-signature-256': 'sha256=abc' }],
  ])('is refused with %s', async (_, reason, headers) => {
    await expect(read(JSON.stringify(closed), headers)).resolves.toEqual({ is: 'refused', reason });
  });

  test('is refused where no secret is configured, however it is signed', async () => {
    const body = JSON.stringify(closed);
    const signature = `sha256=${createHmac('sha256', '').update(body).digest('hex')}`;

    await expect(read(body, { 'x-hub-signature-256': signature }, '')).resolves.toEqual({
      is: 'refused',
      reason: 'no-secret',
    });
  });

  test.each(['', '{', '[]', '{"action":"closed"}', JSON.stringify({ ...closed, pull_request: { number: 'x' } })])(
    'is refused when it is signed but not readable: %j',
    async (body) => {
      await expect(read(body)).resolves.toMatchObject({ is: 'refused' });
    },
  );

  test.each([
    ['another pull request', { ...closed, pull_request: { ...closed.pull_request, body: 'mine' } }],
    ['one without a text', { ...closed, pull_request: { ...closed.pull_request, body: null } }],
  ])('is ignored when it is about %s', async (_, event) => {
    await expect(read(JSON.stringify(event))).resolves.toEqual({ is: 'ignored', why: 'not-ours' });
  });
});
