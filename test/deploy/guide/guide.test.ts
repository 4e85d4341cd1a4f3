import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { capture } from '../../../scripts/child.mjs';
import { projectRoot } from '../../../scripts/project.mjs';
import { commandNames } from '../../../src/app/command-line/commands.ts';
import { parsePolicy } from '../../../src/app/config/policy-file.ts';
import { tryKillText } from '../../../src/app/try-kill/try-kill-text.ts';
import { aboutVariables } from '../../../src/app/config/variables.ts';
import { editManifest } from '../../../src/core/remediate/edit/edit-manifest.ts';
import { parseSource } from '../../../src/core/remediate/source.ts';
import { mebi, parseBytes } from '../../../src/core/units/quantity.ts';
import { blockOf } from '../block-of.ts';
import { secretOwners } from '../secret-owners.ts';
import { rendered } from '../sets.ts';
import { findHelm, need } from '../tools.ts';
import { workloads } from '../workloads.ts';
import { blocksOf, pageAt, pages } from './pages.ts';
import { workplaceFor } from './workplace.ts';

/** What users read; CONTRIBUTING.md and the decisions have variables and commands of the tests too. */
const manual = pages.filter(({ path }) => path === 'README.md' || /^docs\/[^/]+$/.test(path));
const allOfIt = manual.map(({ text }) => text).join('\n');

test.for(manual)('$path names only variables and commands that exist', ({ text }) => {
  const known = new Set(aboutVariables().map(([name]) => name));
  const variables = [...text.matchAll(/\b(?:OOMKEEPER|SLACK|GITHUB|PAGERDUTY)_[A-Z_]*[A-Z]\b/g)].map(([name]) => name);
  const commands = [...text.matchAll(/(?:oomkeeper -- |`oomkeeper )([a-z][a-z-]*)/g)].map(([, name = '']) => name);

  expect(variables.filter((name) => !known.has(name) && !name.startsWith('OOMKEEPER_TEST_'))).toEqual([]);
  expect(commands.filter((name) => !commandNames.includes(name))).toEqual([]);
});

test('every secret, every command and every variable that everybody needs is somewhere in the documentation', () => {
  const needed = aboutVariables().flatMap(([name, { group }]) => (group === 'first' ? [name] : []));

  expect(needed.length).toBeGreaterThan(3);
  for (const one of [...Object.values(secretOwners).flat(), ...needed]) expect(allOfIt).toContain(one);
  for (const name of commandNames) expect(allOfIt).toMatch(new RegExp(`oomkeeper(?: --)? ${name}\\b|\`${name}\``));
});

test('the policy files of the documentation can be read', () => {
  const examples = manual.flatMap(({ text }) => blocksOf(text).filter(({ marker }) => marker.startsWith('example: ')));
  const policies = examples.filter(({ marker }) => marker !== 'example: overlay');

  expect(policies.length).toBeGreaterThan(3);
  for (const { text, marker } of policies) expect(Object.keys(parsePolicy(text, marker))).not.toEqual([]);
  const { notify, owners } = parsePolicy(blockOf(pageAt('docs/policy.md'), 'example: reach'), 'policy.yaml');
  expect(notify[0]?.levels.length).toBe(3);
  expect(owners.names['amira']).toBe('U024BE7LH');
});

test('the files that the page on GitOps says can be edited are edited, and the others refused for that reason', () => {
  const wanted = { limitBytes: 384 * mebi, requestBytes: 384 * mebi };
  const edit = { kind: 'Deployment', name: 'checkout', namespace: 'shop', container: 'app', to: wanted, env: [] };
  const overlay = blockOf(pageAt('docs/gitops.md'), 'example: overlay');
  const after = (text: string) => editManifest(text, edit);

  const edited = after(overlay);
  expect(edited).toMatchObject({ ok: true, text: overlay.replaceAll('256Mi', '384Mi') });
  const [bare = ''] = overlay.split(/^ *resources:/m);
  expect(after(bare)).toMatchObject({ ok: true });
  const patches = `patches:\n  - patch: |\n${overlay.replaceAll(/^/gm, '      ')}`;
  expect(after(patches)).toMatchObject({ ok: false, reason: 'not-found' });
  expect(after('resources:\n  limits:\n    memory: 256Mi\n')).toMatchObject({ ok: false, reason: 'not-found' });
  expect(after(overlay.replaceAll('256Mi', '{{ .Values.memory }}'))).toMatchObject({ ok: false, reason: 'template' });
  for (const [, source = ''] of pageAt('docs/gitops.md').matchAll(/oomkeeper\.dev\/source[:=] ?(\S+)/g))
    expect(parseSource(source)).not.toBeNull();
});

test('what the guide says that Helm prints is what it prints', async (context) => {
  const page = pageAt('docs/getting-started.md');
  const { folder, helm } = await workplaceFor(context, page);
  const install = blockOf(page, 'commands: helm').replace(/^helm /, `${helm} `);
  const env = { ...process.env, SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };

  const printed = await capture('sh', ['-c', `${install.trim()} --dry-run=client`], { cwd: folder, env });

  const shown = blockOf(page, 'output: helm');
  expect(shown).not.toBe('');
  expect(printed.output).toContain(shown.trim());
});

test('what the guide says that try-kill prints is what it prints', () => {
  const printed = tryKillText({
    end: { is: 'killed', at: Date.UTC(2026, 10, 2, 9, 12, 44), node: 'node-1', reason: 'OOMKilled', exitCode: 137 },
    pod: 'oomkeeper-try-kill-x7f2k',
    namespace: 'shop',
    server: 'https://cluster.example.com',
    channel: { name: 'oom-alerts', isKnown: false },
    left: null,
  });

  expect(blockOf(pageAt('docs/getting-started.md'), 'output: try-kill')).toBe(printed);
});

test('rendered for Argo CD, as the page on GitOps says, the chart is the same each time', async (context) => {
  const { folder } = await workplaceFor(context, pageAt('docs/gitops.md'));
  const helm = need(context, await findHelm());
  const render = async (file: string) =>
    (await capture(helm, ['template', 'oomkeeper', 'deploy/helm/oomkeeper', '-f', file], { cwd: folder })).output;

  expect(await render('argo-values.yaml')).toBe(await render('argo-values.yaml'));
  expect(await render('argo-values.yaml')).toContain('kind: StatefulSet');
  expect(await render('values.yaml')).not.toBe(await render('values.yaml'));
});

test('what the page of questions says that it costs is what the chart asks for', async (context) => {
  const asked = [...workloads(await rendered(context, 'chart')).values()].map(({ spec, container }) => ({
    cpu: spec.replicas * Number.parseInt(container.resources.requests.cpu, 10),
    memory: spec.replicas * parseBytes(container.resources.requests.memory),
  }));
  const sum = (of: 'cpu' | 'memory') => asked.reduce((all, one) => all + one[of], 0);

  expect(pageAt('docs/faq.md')).toContain(`it requests ${sum('cpu')}m CPU and ${sum('memory') / mebi}Mi of memory`);
});

test('the Slack app of the guide has what the guide says of it', async () => {
  const manifest = z
    .looseObject({
      features: z.looseObject({ slash_commands: z.array(z.looseObject({ command: z.string() })) }),
      settings: z.looseObject({ socket_mode_enabled: z.boolean() }),
    })
    .parse(parse(await readFile(join(projectRoot, 'deploy/slack/manifest.yaml'), 'utf8')));

  expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(['/oom']);
  expect(manifest.settings.socket_mode_enabled).toBe(true);
});
