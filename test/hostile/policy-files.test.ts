import { expect, test } from 'vitest';
import { parsePolicy } from '../../src/app/config/policy-file.ts';
import { readConfig } from '../../src/app/config/config.ts';

const rule = (words: string): string => `approvals: [{who: [U012], ${words}}]`;
const freeze = (words: string): string => `freezes: [{reason: launch, ${words}}]`;
const whole = 'from: 2026-12-24T00:00:00Z, until: 2026-12-27T00:00:00Z';

const refused: readonly [string, string, RegExp][] = [
  ['a cap of nothing', rule('upTo: 0'), /must be a factor[\s\S]*approvals\[0\]\.upTo/],
  ['a cap of nothing as text', rule('upTo: "0"'), /must be a factor[\s\S]*approvals\[0\]\.upTo/],
  ['a factor of nothing', rule('upTo: 0x'), /approvals\[0\]\.upTo/],
  ['a factor that is negative', rule('upTo: -2x'), /approvals\[0\]\.upTo/],
  ['a factor without its x', rule('upTo: 2'), /approvals\[0\]\.upTo/],
  ['a factor that caps nothing', rule('upTo: 1000x'), /approvals\[0\]\.upTo/],
  ['a factor of four hundred digits', rule(`upTo: ${'9'.repeat(400)}x`), /approvals\[0\]\.upTo/],
  ['a size of some bytes', rule('upTo: "512"'), /approvals\[0\]\.upTo/],
  ['a size that is negative', rule('upTo: -1Gi'), /approvals\[0\]\.upTo/],
  ['a size that no machine has', rule('upTo: 1Ei'), /approvals\[0\]\.upTo/],
  ['a request that expires at once', rule('expires: 0s'), /must be a duration[\s\S]*approvals\[0\]\.expires/],
  ['a request that expires at once, as a number', rule('expires: 0'), /approvals\[0\]\.expires/],
  ['a request that has expired before', rule('expires: -5m'), /approvals\[0\]\.expires/],
  ['a request that never expires', rule('expires: 3650d'), /approvals\[0\]\.expires/],
  [
    'the same person twice',
    'approvals: [{who: [U012, U345, U012]}]',
    /U012 is named twice[\s\S]*approvals\[0\]\.who\[2\]/,
  ],
  ['one person twice as two', 'approvals: [{who: [U012, U012], secondPerson: true}]', /U012 is named twice/],
  [
    'the same rule twice',
    'approvals: [{who: [U012]}, {who: [U345]}, {who: [U012]}]',
    /same as approvals\[0\][\s\S]*approvals\[2\]/,
  ],
  [
    'a freeze that ends before it begins',
    freeze('from: 2026-12-24T00:00:00Z, until: 2026-12-23T00:00:00Z'),
    /later than from[\s\S]*freezes\[0\]\.until/,
  ],
  ['a freeze of no time', freeze('from: 2026-12-24T00:00:00Z, until: 2026-12-24T00:00:00Z'), /freezes\[0\]\.until/],
  [
    'a freeze without its zone',
    freeze('from: 2026-12-24T00:00:00, until: 2026-12-27T00:00:00Z'),
    /time in UTC[\s\S]*freezes\[0\]\.from/,
  ],
  [
    'a freeze in local time',
    freeze('from: 2026-12-24T00:00:00+01:00, until: 2026-12-27T00:00:00Z'),
    /freezes\[0\]\.from/,
  ],
  [
    'a freeze on a day that is none',
    freeze('from: 2026-02-30T00:00:00Z, until: 2026-12-27T00:00:00Z'),
    /freezes\[0\]\.from/,
  ],
  ['a freeze without an end', freeze('from: 2026-12-24T00:00:00Z'), /freezes\[0\]\.until/],
  ['a freeze without a reason', `freezes: [{${whole}}]`, /freezes\[0\]\.reason/],
  ['a freeze with a word that is none of ours', freeze(`${whole}, kinds: [raise-limit]`), /Unrecognized key: "kinds"/],
];

test.each(refused)('%s is refused by its place in the file', (_, text, message) => {
  expect(() => parsePolicy(text, 'policy.yaml')).toThrow(message);
});

test('the limits themselves are taken', () => {
  const { approvals, freezes } = parsePolicy(
    `approvals: [{who: [U012], upTo: 1x, expires: 7d}, {who: [U012], upTo: 100x}, {who: [U012], upTo: 64Ti}]\n${freeze(whole)}`,
    'policy.yaml',
  );

  expect(approvals).toHaveLength(3);
  expect(freezes).toMatchObject([{ clusters: ['*'], namespaces: ['*'], from: Date.UTC(2026, 11, 24) }]);
});

test.each(['OOMKEEPER_APPROVAL_TTL', 'OOMKEEPER_CHANGE_TTL'])('%s of no time is refused by name', (name) => {
  expect(() => readConfig({ OOMKEEPER_CLUSTER: 'prod', [name]: '0s' }, ['worker'])).toThrow(name);
});
