import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../../scripts/project.mjs';
import { metricTable } from '../../../../src/adapters/telemetry/metric-table.ts';
import { aboutVariables } from '../../../../src/app/config/variables.ts';
import { readAlerts } from '../../../monitoring.ts';

const pageUrl = 'https://github.com/oomkeeper/oomkeeper/blob/main/docs/runbooks.md';
const docs = async (name: string) => readFile(join(projectRoot, 'docs', name), 'utf8');

/** What follows each heading of the second rank, by its anchor. */
function sectionsOf(page: string): ReadonlyMap<string, string> {
  const parts = page.split(/^## /m).slice(1);
  return new Map(parts.map((part) => [anchorOf(part.split('\n', 1)[0] ?? ''), part]));
}

/** As GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

const alertNames = async () => [
  ...new Set((await readAlerts()).flatMap(({ rules }) => rules.map(({ alert }) => alert))),
];

test('the address of each alert leads to its section in docs/runbooks.md', async () => {
  const sections = sectionsOf(await docs('runbooks.md'));
  const rules = (await readAlerts()).flatMap((group) => group.rules);

  expect(rules.length).toBeGreaterThan(10);
  for (const { alert, annotations } of rules) {
    expect(annotations.runbook_url).toBe(`${pageUrl}#${alert.toLowerCase()}`);
    expect([...sections.keys()]).toContain(alert.toLowerCase());
  }
});

test('each section says what the alert means, how to see more, and what to do, in this order', async () => {
  const sections = sectionsOf(await docs('runbooks.md'));

  expect([...sections.keys()].toSorted()).toEqual((await alertNames()).map((name) => name.toLowerCase()).toSorted());
  for (const [name, text] of sections) {
    const parts = text.split(/^\*\*(What it means|See more|What to do)\.\*\*/m);
    expect([name, parts.filter((_, at) => at % 2 === 1)]).toEqual([name, ['What it means', 'See more', 'What to do']]);
    const texts = parts.filter((_, at) => at > 0 && at % 2 === 0);
    expect(texts.filter((part) => part.trim().length < 80)).toEqual([]);
  }
});

test('the runbooks name only variables and metrics that exist, and link to what is there', async () => {
  const page = await docs('runbooks.md');
  const variables = new Set(aboutVariables().map(([name]) => name));
  const metrics = new Set<string>(Object.values(metricTable).map(({ name }) => name));

  for (const [name] of page.matchAll(/\bOOMKEEPER_[A-Z_]+\b/g)) expect([...variables]).toContain(name);
  for (const [name] of page.matchAll(/\boomkeeper_[a-z_]+\b/g)) expect([...metrics]).toContain(name);
  const links = [...page.matchAll(/\]\((?:([a-z-]+\.md))?#([a-z0-9-]+)\)/g)];
  expect(links.length).toBeGreaterThan(3);
  for (const [, file = 'runbooks.md', anchor] of links) {
    const titles = [...(await docs(file)).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => anchorOf(title));
    expect([file, titles]).toEqual([file, expect.arrayContaining([anchor])]);
  }
});
