import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatted } from '../../../../scripts/formatted.ts';
import { projectRoot } from '../../../../scripts/project.mjs';
import { parsePolicy } from '../../../../src/app/config/policy-file.ts';
import { aboutVariables } from '../../../../src/app/config/variables.ts';
import { policyKeys } from './policy-keys.ts';
import { configurationReference, environmentExample } from './reference.ts';

/* What is written from the settings: `npm test -- reference -u` writes it anew. */

test('.env.example lists every variable with its meaning and default, the five that everybody needs first', async () => {
  await expect(environmentExample()).toMatchFileSnapshot(join(projectRoot, '.env.example'));

  const first = aboutVariables().filter(([, { group }]) => group === 'first');
  expect(aboutVariables().slice(0, 5)).toEqual(first);
  expect(first.map(([name]) => name)).toEqual([
    'OOMKEEPER_CLUSTER',
    'OOMKEEPER_CHANNEL',
    'SLACK_BOT_TOKEN',
    'SLACK_APP_TOKEN',
    'REDIS_URL',
  ]);
});

test('docs/configuration.md says of every variable and every key of the policy file what the code says', async () => {
  const path = join(projectRoot, 'docs/configuration.md');

  await expect(await formatted(path, configurationReference())).toMatchFileSnapshot(path);
});

test('the keys that are listed are those that a policy file may have', () => {
  const keys = policyKeys();
  const top = keys.filter(({ key }) => !/[.[]/.test(key)).map(({ key }) => key);

  expect(top.length).toBeGreaterThan(10);
  expect(() => parsePolicy('nonsense: []', 'policy.yaml')).toThrow(/nonsense/);
  for (const key of top) expect(() => parsePolicy(`${key}: {nonsense: 1}`, 'policy.yaml')).not.toThrow(`"${key}"`);
  expect(keys).toContainEqual({ key: 'approvals[].who', type: 'list of text', fallback: 'needed' });
  expect(keys).toContainEqual({ key: 'approvals[].secondPerson', type: '`true` or `false`', fallback: '`false`' });
});
