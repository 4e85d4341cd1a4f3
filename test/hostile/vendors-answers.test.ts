import { expect, test } from 'vitest';
import { createClients } from '../../src/adapters/github/client.ts';
import { openRepository } from '../../src/adapters/github/repository.ts';
import { tellSender } from '../../src/adapters/slack/deliveries/tell-sender.ts';
import { slackLogger } from '../../src/adapters/slack/slack-logger.ts';
import { uploadFile } from '../../src/adapters/slack/upload-file.ts';
import { createWebClient, identify } from '../../src/adapters/slack/web-client.ts';
import { pour, startHttp, startRedirecting } from './some-http.ts';

const Mi = 2 ** 20;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const patienceMs = 20_000;
const nobody = {
  user: 'U1',
  userTeam: null,
  team: null,
  enterprise: null,
  isOrgInstall: false,
  channel: null,
  thread: null,
  triggerId: null,
};

async function repositoryAt(url: string) {
  const options = {
    baseUrl: url,
    auth: { token: 'secret' },
    deadlineMs: patienceMs,
    log: silent,
    pace: 'none',
  } as const;
  const client = await createClients({ ...options, now: Date.now })({ owner: 'shop', repo: 'infra' });
  return openRepository(client, { owner: 'shop', repo: 'infra' }, Date.now);
}

function slackAt(url: string) {
  return createWebClient({
    token: 'xoxb-secret',
    slackApiUrl: `${url}/api/`,
    timeoutMs: patienceMs,
    logger: slackLogger(silent),
  });
}

/** JSON that goes on for 64 MiB. */
async function startEndless(): Promise<string> {
  return startHttp((_, response) => {
    response.setHeader('content-type', 'application/json');
    void pour(response, { head: '{"ok":true,"a":"', chunk: Buffer.alloc(Mi, 'x'), times: 64, tail: '"}' });
  });
}

test('an answer without end of GitHub or Slack is left after 8 MiB, and told as one that cannot be read', async () => {
  const url = await startEndless();

  const repository = await repositoryAt(url);
  await expect(repository.info()).rejects.toMatchObject({
    code: 'github-unreadable',
    message: expect.stringContaining('longer than 8 MiB'),
  });
  await expect(identify(slackAt(url))).rejects.toMatchObject({
    code: 'chat-server-error',
    message: expect.stringContaining('longer than 8 MiB'),
  });
});

test.each([302, 307])('a redirect (%i) to another server gets no token of GitHub or Slack', async (status) => {
  const { url, arrived } = await startRedirecting(status);

  const repository = await repositoryAt(url);
  await expect(repository.info()).rejects.toMatchObject({
    code: 'github-unreadable',
    message: expect.stringMatching(/redirects to http:\S+ \(30\d\), which is not followed/),
  });
  await expect(identify(slackAt(url))).rejects.toMatchObject({
    code: 'chat-unreachable',
    message: expect.stringMatching(/redirects to http:\S+ \(30\d\), which is not followed/),
  });
  const tell = { client: slackAt(url), slackApiUrl: `${url}/api/`, timeoutMs: patienceMs, log: silent };
  await tellSender({ ...nobody, responseUrl: url }, 'It was not recorded.', tell);
  expect(arrived).toEqual([]);
});

test('a repository that was renamed is found where GitHub itself says that it is', async () => {
  const asked: string[] = [];
  const url = await startHttp((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    if (request.url === '/repos/shop/infra') return void response.writeHead(301, { location: '/repositories/1' }).end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ archived: false, default_branch: 'main' }));
  });

  const repository = await repositoryAt(url);

  expect(await repository.info()).toEqual({ isArchived: false, defaultBranch: 'main' });
  expect(asked).toEqual(['/repos/shop/infra token secret', '/repositories/1 token secret']);
});

test('a file goes to the place that Slack names and no further', async () => {
  const elsewhere = await startRedirecting(307);
  const url = await startHttp((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, upload_url: elsewhere.url, file_id: 'F1' }));
  });
  const file = { name: 'log.txt', title: 'log', bytes: Buffer.from('a log line'), altText: null };

  await expect(uploadFile(slackAt(url), file, null)).rejects.toMatchObject({ code: 'chat-upload-failed' });
  expect(elsewhere.arrived).toEqual([]);
});
