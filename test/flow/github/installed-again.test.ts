import { generateKeyPairSync } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { createForge } from '../../../src/adapters/github/forge.ts';
import { closeServers, startServer } from './some-server.ts';

afterEach(closeServers);

const pull = { number: 7, html_url: 'https://x/7', state: 'open', merged_at: null, closed_at: null, merged_by: null };
const minute = 60_000;

/** GitHub with one installation; the App is taken away and installed again once it was looked for. */
async function startGithub(): Promise<string> {
  let installation = 1;
  return startServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/repos/shop/infra/installation') {
      answer(200, { id: installation });
      installation = 2;
      return undefined;
    }
    const [, asked] = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(request.url ?? '') ?? [];
    if (asked === undefined) return answer(200, pull);
    if (asked !== String(installation)) return answer(404, { message: 'Not Found' });
    const expires = new Date(Date.now() + 60 * minute).toISOString();
    return answer(201, { token: `ghs_${asked}`, expires_at: expires, permissions: {}, repository_selection: 'all' });
  });
}

test('an App that was taken away and installed again is found under its new id after a while', async () => {
  const baseUrl = await startGithub();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let now = Date.now();
  const forge = createForge({
    baseUrl,
    auth: { appId: 1, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    deadlineMs: 60_000,
    now: () => now,
    log: { debug: () => undefined, warn: () => undefined },
    pace: 'none',
  });
  const source = { owner: 'shop', repo: 'infra', path: 'apps/checkout.yaml', branch: null };

  // Between finding its installation and asking for a token.
  const early = await forge.look(source, 7).catch((error: unknown) => error);
  now += 11 * minute;

  expect(early).toMatchObject({ code: 'github-no-access' });
  expect(await forge.look(source, 7)).toMatchObject({ number: 7, state: 'open' });
});
