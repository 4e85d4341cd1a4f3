import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../../sandbox/clock.ts';
import { startSlack } from '../../../sandbox/slack/start-slack.ts';
import type { SlackOptions } from '../../../sandbox/slack/start-slack.ts';
import { seedWorkspace } from '../../../sandbox/slack/workspace.ts';
import { botScopes } from '../../../src/adapters/slack/scopes.ts';
import { closedPort, notWell, visit as visitWith } from './doctor-visit.ts';
import type { Environment } from './doctor-visit.ts';

/* What `oomkeeper doctor slack` says of tokens, scopes and channels that are not as they should be. */

const { botToken, appToken } = seedWorkspace();
const visit = (args: readonly string[], changes: Environment) =>
  visitWith(args, { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, ...changes });
const log = {
  error: (fields: object, message: string): never => {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  },
};

async function withSlack(workspace: SlackOptions['workspace'], changes: Environment = {}) {
  const slack = await startSlack({
    clock: createClock(1),
    limits: 'off',
    log,
    ...(workspace ? { workspace } : {}),
  });
  try {
    return await visit(['slack'], { SLACK_API_URL: slack.apiUrl, ...changes });
  } finally {
    await slack.close();
  }
}

test.each(Object.entries(botScopes))('a token without %s is a problem that says what it is for', async (scope, why) => {
  const { of } = await withSlack({ scopes: Object.keys(botScopes).filter((one) => one !== scope) });

  expect(of('scopes')).toMatchObject({ state: 'problem', text: `The bot token lacks ${scope} (${why}).` });
});

test('which app a token is of is not asked without the scope for that', async () => {
  const other = 'xapp-1-A0OTHERAPP-1-hunter2';
  const scopes = Object.keys(botScopes).filter((one) => one !== 'users:read');

  const { findings } = await withSlack({ appToken: other, scopes }, { SLACK_APP_TOKEN: other });

  expect(notWell(findings).map(({ what }) => what)).toEqual(['scopes']);
});

test('without the manifest of the app it says what it cannot see', async () => {
  const { of } = await withSlack({});

  expect(of('app settings')).toMatchObject({ state: 'skipped', text: expect.stringContaining('--app-manifest FILE') });
});

test.each([
  ['is not there', null, /no such file/],
  ['is no YAML', '[{', /is not the manifest of a Slack app/],
  ['is something else', 'kind: Pod', /it does not have the fields of one/],
])('a manifest that %s is a problem', async (_, content, words) => {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-manifest-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'manifest.yaml');
  if (content !== null) await writeFile(path, content);

  const { of } = await visit(['slack', '--app-manifest', path], {
    SLACK_BOT_TOKEN: botToken,
    SLACK_API_URL: `http://127.0.0.1:${await closedPort()}/`,
  });

  expect(of('app settings')).toMatchObject({ state: 'problem', text: expect.stringMatching(words) });
});

test('a token with exactly the scopes of the manifest is well', async () => {
  expect(notWell((await withSlack({ scopes: Object.keys(botScopes) })).findings)).toEqual([]);
});

test.each<[string, SlackOptions['workspace'], Environment, string, RegExp, RegExp]>([
  [
    'a wrong bot token',
    {},
    { SLACK_BOT_TOKEN: 'xoxb-hunter2' },
    'bot token',
    /does not accept the token/,
    /SLACK_BOT_TOKEN/,
  ],
  ['a wrong app token', {}, { SLACK_APP_TOKEN: 'xapp-hunter2' }, 'delivery', /does not accept the token/, /xapp-/],
  [
    'nothing that could arrive',
    {},
    { SLACK_APP_TOKEN: '' },
    'delivery',
    /Neither SLACK_APP_TOKEN nor/,
    /SLACK_SIGNING_SECRET/,
  ],
  ['a channel that is not there', { channels: [{ name: 'other' }] }, {}, 'channel', /no such channel/, /oom-alerts/],
  [
    'a channel that is archived, by its name',
    { channels: [{ name: 'oom-alerts', isArchived: true }] },
    {},
    'channel',
    /#oom-alerts is archived/,
    /OOMKEEPER_CHANNEL/,
  ],
  [
    'a channel without the bot',
    { channels: [{ name: 'oom-alerts', botIsMember: false }] },
    {},
    'channel',
    /not in #oom-alerts/,
    /\/invite @oomkeeper/,
  ],
])('%s', async (...[, workspace, changes, what, text, mend]) => {
  const { of } = await withSlack(workspace, changes);

  expect(of(what)).toMatchObject({
    state: 'problem',
    text: expect.stringMatching(text),
    mend: expect.stringMatching(mend),
  });
});

test('each channel that a route names is looked at, and the channels are listed once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-routes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'policy.yaml');
  await writeFile(path, 'routes: [{channel: well}, {channel: without-us}, {channel: old}, {channel: nowhere}]');
  const channels = [
    { name: 'oom-alerts' },
    { name: 'well' },
    { name: 'without-us', botIsMember: false },
    { name: 'old', isArchived: true },
  ];

  const { of } = await withSlack({ channels }, { OOMKEEPER_POLICY: path });

  expect(of('channel')).toMatchObject({ state: 'ok' });
  expect(of('channel well')).toMatchObject({ state: 'ok' });
  expect(of('channel without-us')).toMatchObject({ state: 'problem', mend: expect.stringContaining('/invite') });
  expect(of('channel old')).toMatchObject({ state: 'problem', mend: expect.stringContaining('policy file') });
  expect(of('channel nowhere')).toMatchObject({ state: 'problem', mend: expect.stringContaining('#oom-alerts gets') });
});

test('signed HTTP cannot be tried from here, and says where it listens', async () => {
  const { of } = await withSlack({}, { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'hunter2-signing-secret' });

  expect(of('delivery')).toMatchObject({ state: 'ok', text: expect.stringContaining('/slack/events on port 3000') });
});

test('a Slack that cannot be reached is a problem of its own for each thing', async () => {
  const { findings } = await visit(['slack'], { SLACK_API_URL: `http://127.0.0.1:${await closedPort()}/` });

  expect(findings.map(({ what, state }) => `${what} ${state}`)).toEqual([
    'bot token problem',
    'delivery problem',
    'clock problem',
    'app settings skipped',
  ]);
  expect(findings.slice(0, 3).filter(({ text }) => !text.includes('cannot be reached (ECONNREFUSED)'))).toEqual([]);
});

test('without a token nothing is asked', async () => {
  expect((await visit(['slack'], { SLACK_BOT_TOKEN: '' })).findings).toMatchObject([{ state: 'skipped' }]);
});
