import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parsePolicy, readPolicy } from '../../../../src/app/config/policy-file.ts';
import { usualSeverities } from '../../../../src/core/notify/severity-table.ts';

const whole = `
approvals:
  - who: [UAMIRA, SONCALL]
    clusters: [prod]
    namespaces: [shop, team-*]
    kinds: [raise-limit, set-heap]
    means: [cluster, pull-request]
    upTo: 2x
    secondPerson: true
    expires: 30m
sources:
  - namespace: shop
    workload: Deployment/checkout
    source: acme/deploy//apps/shop/checkout.yaml@main
routes:
  - namespaces: [team-*]
    labels: { app.kubernetes.io/part-of: carts }
    channel: '#carts'
`;

test('a policy file is read with its defaults', () => {
  const { approvals, sources, routes } = parsePolicy(whole, 'policy.yaml');

  expect(approvals).toEqual([
    {
      who: ['UAMIRA', 'SONCALL'],
      clusters: ['prod'],
      namespaces: ['shop', 'team-*'],
      kinds: ['raise-limit', 'set-heap'],
      means: ['cluster', 'pull-request'],
      upTo: { factor: 2 },
      secondPerson: true,
      expires: 1_800_000,
    },
  ]);
  expect(routes).toEqual([
    { clusters: ['*'], namespaces: ['team-*'], labels: { 'app.kubernetes.io/part-of': 'carts' }, channel: 'carts' },
  ]);
  expect(sources[0]).toMatchObject({ cluster: null, source: { owner: 'acme', repo: 'deploy', branch: 'main' } });
});

test('an empty file lets nobody approve anything, and has nobody mentioned', () => {
  expect(parsePolicy('', 'policy.yaml')).toEqual({
    alarms: [],
    approvals: [],
    freezes: [],
    silence: [],
    sources: [],
    tests: [],
    loads: [],
    routes: [],
    readers: [],
    severity: usualSeverities,
    owners: { names: {}, label: null, rules: [] },
    notify: [],
    links: [],
    channels: [],
    memoryPrice: null,
    digests: [],
  });
});

test('a channel may have its summary at an hour of its own', () => {
  const text = 'digests: [{channel: "#payments", at: 07:30 Asia/Tokyo, weekly: off}, {channel: C024, at: off}]';

  expect(parsePolicy(text, 'policy.yaml').digests).toEqual([
    { channel: 'payments', at: { minutes: 450, zone: 'Asia/Tokyo' }, weekly: null },
    { channel: 'C024', at: null, weekly: 'mon' },
  ]);
});

const wrong: readonly [string, string, RegExp][] = [
  ['no YAML', 'approvals: [', /policy.yaml is not YAML/],
  ['a word that is none of ours', 'approvers: []', /Unrecognized key: "approvers"/],
  ['a misspelt part', 'severty: []', /Did you mean "severity" instead of "severty"\?/],
  ['a misspelt word within', 'notify: [{level: []}]', /Did you mean "levels" instead of "level"\?/],
  ['a severity that is none', 'severity: [{severity: urgent, ready: none}]', /severity\[0\]\.severity/],
  ['nobody named', 'approvals: [{who: []}]', /names nobody[\s\S]*approvals\[0\]\.who/],
  [
    'an e-mail instead of an id',
    'approvals: [{who: [amira@example.com]}]',
    /must be a Slack user id[\s\S]*approvals\[0\]\.who\[0\]/,
  ],
  [
    'a cap without a unit that can be meant',
    'approvals: [{who: [U012], upTo: lots}]',
    /must be a factor such as 2x \(from 1x to 100x\) or a size/,
  ],
  ['a factor below one', 'approvals: [{who: [U012], upTo: 0.5x}]', /must be a factor/],
  ['a route to nowhere', 'routes: [{namespaces: [shop]}]', /routes\[0\]\.channel/],
  ['a duration without a unit', 'approvals: [{who: [U012], expires: "30"}]', /must be a duration such as 30m/],
  [
    'a source without a path',
    'sources: [{namespace: a, workload: Deployment/b, source: acme/deploy}]',
    /must be owner\/repo\/\/path/,
  ],
];

test.each(wrong)('%s is refused by its place in the file', (_, text, message) => {
  expect(() => parsePolicy(text, 'policy.yaml')).toThrow(message);
});

test('without a file the list of approvers may approve everything', async () => {
  const { approvals } = await readPolicy({ OOMKEEPER_POLICY: '', OOMKEEPER_APPROVERS: ['UAMIRA'] });

  expect(approvals).toMatchObject([{ who: ['UAMIRA'], clusters: ['*'], namespaces: ['*'], secondPerson: false }]);
});

test('a file and a list at once are refused, and so is a file that is not there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-policy-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'policy.yaml');
  await writeFile(path, whole);

  await expect(readPolicy({ OOMKEEPER_POLICY: path, OOMKEEPER_APPROVERS: ['UAMIRA'] })).rejects.toThrow('both set');
  await expect(readPolicy({ OOMKEEPER_POLICY: `${path}x`, OOMKEEPER_APPROVERS: [] })).rejects.toThrow('cannot be read');
});

test('a price for memory is a number and a currency', () => {
  expect(parsePolicy('memoryPrice: { perGiBMonth: 4.2, currency: EUR }', 'policy.yaml').memoryPrice).toEqual({
    perGiBMonth: 4.2,
    currency: 'EUR',
  });
  expect(() => parsePolicy('memoryPrice: { perGiBMonth: -1, currency: euro }', 'policy.yaml')).toThrow(/EUR/);
});
