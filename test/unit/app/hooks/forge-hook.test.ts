import { createHmac } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../../../src/adapters/telemetry/log.ts';
import { forgeHook } from '../../../../src/app/hooks/forge-hook.ts';
import { startHooksServer } from '../../../../src/app/hooks/hooks-server.ts';
import { Failure } from '../../../../src/core/failure.ts';
import type { Hints } from '../../../../src/flow/needs.ts';

const secret = 'webhook-secret';

interface Receiver {
  readonly url: string;
  readonly advanced: string[];
}

/** The route as the bot opens it; it speaks for the cluster prod alone. */
async function open(advance: Hints['advance'] = async () => undefined): Promise<Receiver> {
  const advanced: string[] = [];
  const hints = {
    advance: async (incident: string) => {
      await advance(incident);
      advanced.push(incident);
    },
  };
  const hook = forgeHook({
    secret,
    hintsOf: async (cluster) => (cluster === 'prod' ? hints : null),
    log: createLog({ level: 'silent', secrets: [], base: {} }),
  });
  const server = await startHooksServer('127.0.0.1', 0, [hook]);
  onTestFinished(server.close);
  return { url: `http://127.0.0.1:${server.port}${hook.path}`, advanced };
}

function merged(cluster = 'prod', body?: string): string {
  const payload = JSON.stringify({ cluster, incident: 'INC-7F3K', plan: 'PLAN-7F3K2A' });
  return JSON.stringify({
    action: 'closed',
    sender: { login: 'lena' },
    repository: { name: 'infra', owner: { login: 'shop' } },
    pull_request: {
      number: 7,
      html_url: 'https://github.example/shop/infra/pull/7',
      state: 'closed',
      body: body ?? `Raises the limit.\n\n<!-- oomkeeper ${payload} -->`,
      merged: true,
      merged_at: '2026-11-24T14:02:11Z',
      closed_at: '2026-11-24T14:02:11Z',
      merged_by: { login: 'lena' },
    },
  });
}

async function deliver(
  url: string,
  body: string,
  signedWith: string | null = secret,
  event = 'pull_request',
): Promise<number> {
  const signature = signedWith && `sha256=${createHmac('sha256', signedWith).update(body).digest('hex')}`;
  const headers = { 'content-type': 'application/json', 'x-github-event': event, 'x-github-delivery': 'd-1' };
  const signed = signature === null ? headers : { ...headers, 'x-hub-signature-256': signature };
  return (await fetch(url, { method: 'POST', body, headers: signed })).status;
}

test('a merge makes the worker look at the incident', async () => {
  const { url, advanced } = await open();

  expect(await deliver(url, merged())).toBe(202);
  expect(advanced).toEqual(['INC-7F3K']);
});

test.each([
  ['without a signature', null],
  ['with a wrong signature', 'another secret'],
])('what comes %s is refused, and nobody looks', async (_, signedWith) => {
  const { url, advanced } = await open();

  expect(await deliver(url, merged(), signedWith)).toBe(401);
  expect(advanced).toEqual([]);
});

test.each([
  ['a pull request of another cluster', merged('staging'), 'pull_request'],
  ['a pull request of somebody else', merged('prod', 'No payload.'), 'pull_request'],
  ['another event', '{"zen":"Keep it logically awesome."}', 'ping'],
])('%s is harmless', async (_, body, event) => {
  const { url, advanced } = await open();

  expect(await deliver(url, body, secret, event)).toBe(202);
  expect(advanced).toEqual([]);
});

test.each([['not JSON'], ['{"action":"closed"}'], ['null']])(
  'a signed body that is no event (%s) gets 400',
  async (body) => {
    const { url, advanced } = await open();

    expect(await deliver(url, body)).toBe(400);
    expect(advanced).toEqual([]);
  },
);

test('a huge body is refused with 413', async () => {
  const { url, advanced } = await open();

  expect(await deliver(url, merged('prod', 'x'.repeat(6 * 2 ** 20)))).toBe(413);
  expect(advanced).toEqual([]);
});

test('where the hint cannot be given the forge is told to come again', async () => {
  const { url } = await open(async () => Promise.reject(new Failure('redis-unreachable', 'Redis is down.')));

  expect(await deliver(url, merged())).toBe(503);
});

test('a look with a browser is told what the path is for', async () => {
  const { url } = await open();

  const answer = await fetch(url);

  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
});
