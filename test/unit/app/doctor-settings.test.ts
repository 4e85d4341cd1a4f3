import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../../../scripts/project.mjs';
import { checkAppManifest } from '../../../src/app/doctor/app-settings.ts';

/* What only the manifest of the Slack app says of its settings. */

const text = await readFile(join(projectRoot, 'deploy/slack/manifest.yaml'), 'utf8');
const overHttp = text
  .replaceAll('# url: ', 'url: ')
  .replaceAll('# request_url: ', 'request_url: ')
  .replace('socket_mode_enabled: true', 'socket_mode_enabled: false');

function notWell(manifest: string, delivery: 'socket' | 'http' = 'socket') {
  const findings = checkAppManifest(parse(manifest), delivery) ?? [];
  expect(findings).toHaveLength(6);
  return findings.flatMap(({ what, state }) => (state === 'ok' ? [] : [`${what}: ${state}`]));
}

test('the manifest of deploy/slack is well, over Socket Mode and over HTTP', () => {
  expect(notWell(text)).toEqual([]);
  expect(notWell(overHttp, 'http')).toEqual([]);
});

test.each([
  ['Socket Mode', 'socket_mode_enabled: true', 'socket_mode_enabled: false', 'problem'],
  ['slash command', 'command: /oom', 'command: /moo', 'problem'],
  ['interactivity', 'is_enabled: true', 'is_enabled: false', 'problem'],
  ['Home tab', 'home_tab_enabled: true', 'home_tab_enabled: false', 'warning'],
  ['Home tab', '- app_home_opened', '- app_mention', 'warning'],
  ['scopes of the app', '- commands', '- reactions:write', 'problem'],
  ['token rotation', 'token_rotation_enabled: false', 'token_rotation_enabled: true', 'problem'],
])('%s: "%s" as "%s" is a %s, and nothing else is', (what, right, wrong, state) => {
  expect(text).toContain(right);

  expect(notWell(text.replace(right, wrong))).toEqual([`${what}: ${state}`]);
});

test.each([
  ['slash command', 'url: https://oomkeeper.example.com/slack/events', 'url: https://oomkeeper.example.com/slack'],
  [
    'interactivity',
    'is_enabled: true\n    request_url: https://oomkeeper.example.com/slack/events',
    'is_enabled: true',
  ],
  ['Socket Mode', 'socket_mode_enabled: false', 'socket_mode_enabled: true'],
])('over HTTP Slack has to call the bot where it listens: %s', (what, right, wrong) => {
  expect(overHttp).toContain(right);

  expect(notWell(overHttp.replace(right, wrong), 'http')).toEqual([`${what}: problem`]);
});

test.each([['just text'], ['[1, 2]'], ['apiVersion: v1'], ['display_information: { name: 1 }'], ['']])(
  '%j is no manifest',
  (manifest) => {
    expect(checkAppManifest(parse(manifest), 'socket')).toBeNull();
  },
);

test('what Slack leaves out of a manifest is off', () => {
  expect(notWell('display_information: { name: Oomkeeper }')).toEqual([
    'Socket Mode: problem',
    'slash command: problem',
    'interactivity: problem',
    'Home tab: warning',
    'scopes of the app: problem',
  ]);
});
