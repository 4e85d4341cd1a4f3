import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createClock } from '../../sandbox/clock.ts';
import { startSlack } from '../../sandbox/slack/start-slack.ts';
import { seedWorkspace } from '../../sandbox/slack/workspace.ts';
import { projectRoot } from '../../scripts/project.mjs';
import { botScopes } from '../../src/adapters/slack/scopes.ts';
import { commandWords } from '../../src/core/talk/command.ts';
import { checkTypes } from './check-types.ts';

const manifestSchema = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(2), minor_version: z.number() }),
  display_information: z.strictObject({
    name: z.string().max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    bot_user: z.strictObject({ display_name: z.string().max(80), always_online: z.boolean() }),
    slash_commands: z.tuple([
      z.strictObject({
        command: z.string().regex(/^\/[a-z]{1,31}$/),
        description: z.string().max(2_000),
        usage_hint: z.string().max(1_000),
        should_escape: z.boolean(),
      }),
    ]),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ bot_events: z.array(z.string()) }).optional(),
    interactivity: z.strictObject({ is_enabled: z.boolean() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});

let text = '';
let manifest: z.output<typeof manifestSchema>;
/** Source of everything that talks to Slack. */
let code = '';
let slack: Awaited<ReturnType<typeof startSlack>>;
const complaints: string[] = [];

beforeAll(async () => {
  text = await readFile(join(projectRoot, 'deploy/slack/manifest.yaml'), 'utf8');
  manifest = manifestSchema.parse(parse(text));
  const folder = join(projectRoot, 'src/adapters/slack');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  code = (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
  slack = await startSlack({
    clock: createClock(1),
    limits: 'off',
    workspace: { scopes: manifest.oauth_config.scopes.bot },
    log: { error: (fields, message) => complaints.push(`${message} ${JSON.stringify(fields)}`) },
  });
});
afterAll(async () => slack?.close());

/** Names of the Web API methods that the bot calls with its own token. */
function calledMethods(): readonly string[] {
  const calls = [...code.matchAll(/\bclient\.((?:[a-z]+\.)+[a-zA-Z]+)\(/g)].map(([, name = '']) => name);
  return [...new Set(calls)].toSorted();
}

/** What the pretend Slack answers a call with no arguments, and which scopes are good for it (any one of them). */
async function ask(method: string) {
  const answer = await fetch(`${slack.apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.botToken}` },
  });
  const { error = '' } = z.looseObject({ error: z.string().optional() }).parse(await answer.json());
  const accepted = (answer.headers.get('x-accepted-oauth-scopes') ?? '').split(',').filter(Boolean);
  return { error, accepted };
}

test('the manifest has no field that Slack does not know', async () => {
  const type = `import('../../node_modules/@slack/web-api/dist/types/request/manifest.d.ts').Manifest`;
  const spoilt = { ...manifest, settings: { ...manifest.settings, socket_mode: true } };

  expect(await checkTypes([{ type, value: manifest }])).toEqual([]);
  expect((await checkTypes([{ type, value: spoilt }])).join('\n')).toMatch(/socket_mode\W+ does not exist/);
});

test('its scopes are enough for every method that the bot calls', async () => {
  const methods = calledMethods();

  const answers = await Promise.all(methods.map(async (method) => ({ method, ...(await ask(method)) })));

  expect(methods).toContain('chat.postMessage');
  expect(methods.length).toBeGreaterThan(8);
  expect(answers.filter(({ error }) => error === 'missing_scope' || error === 'unknown_method')).toEqual([]);
  expect(complaints).toEqual([]);
});

test('no scope is asked for that no method needs', async () => {
  const accepted = await Promise.all(calledMethods().map(async (method) => (await ask(method)).accepted));
  const needed = new Set([...accepted.flat(), 'commands']);

  const { bot } = manifest.oauth_config.scopes;

  expect(bot.filter((scope) => !needed.has(scope))).toEqual([]);
  expect([...needed].filter((scope) => !bot.includes(scope))).toEqual([]);
  expect(bot).toEqual(bot.toSorted());
  // What `doctor` looks for.
  expect(Object.keys(botScopes).toSorted()).toEqual(bot);
});

test('/oom is registered as it is heard; its hint and the page of the pretend Slack name every command', () => {
  const [oom] = manifest.features.slash_commands;

  const words = oom.usage_hint.split(' | ').map((part) => part.split(' ')[0] ?? '');
  expect(oom.command).toBe('/oom');
  expect(code).toContain('app.command(/^\\/oom/');
  expect(words.toSorted()).toEqual(commandWords.toSorted());
  const completed = seedWorkspace().commands.flatMap(({ subcommands }) => subcommands.map(({ name }) => name));
  expect(completed.toSorted()).toEqual(commandWords.toSorted());
});

test('buttons and modals arrive, over Socket Mode until a URL is given', () => {
  expect(manifest.settings.interactivity.is_enabled).toBe(true);
  expect(manifest.settings.socket_mode_enabled).toBe(true);
  // What the comment at its top promises: taking three lines into use gives the other mode.
  const urls = [...text.matchAll(/^ *# (\w*url): (\S+)$/gm)].map(([, key, url]) => `${key} ${url}`);
  expect(new Set(urls.map((line) => line.split(' ')[1]))).toEqual(
    new Set(['https://oomkeeper.example.com/slack/events']),
  );
  expect(urls.length).toBe(3);
});

test('the Home tab and events are turned on exactly where the bot has something for them', () => {
  expect(manifest.features.app_home.home_tab_enabled).toBe(calledMethods().includes('views.publish'));
  expect(manifest.settings.event_subscriptions !== undefined).toBe(/app\.event\(/.test(code));
});
