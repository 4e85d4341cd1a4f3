import { expect, test } from 'vitest';
import { formatSource, parseSource } from '../../../../src/core/remediate/source.ts';

const valid: readonly (readonly [string, string, string, string | null])[] = [
  ['shop/infra//apps/checkout.yaml@main', 'infra', 'apps/checkout.yaml', 'main'],
  ['shop/infra//apps/checkout.yaml', 'infra', 'apps/checkout.yaml', null],
  ['shop/infra//apps', 'infra', 'apps', null],
  ['shop/infra//apps/@release/2026-11', 'infra', 'apps', 'release/2026-11'],
  [' shop/infra.git//./apps//a.yaml ', 'infra.git', 'apps/a.yaml', null],
  ['shop/infra//ä%2F#?.yaml', 'infra', 'ä%2F#?.yaml', null],
];

test.each(valid)('%s is read', (text, repo, path, branch) => {
  const source = parseSource(text);

  expect(source).toEqual({ owner: 'shop', repo, path, branch });
  expect(source && parseSource(formatSource(source))).toEqual(source);
});

test.each([
  '',
  'shop/infra',
  'shop/infra/apps/checkout.yaml',
  'shop//apps/checkout.yaml',
  'shop/infra//',
  'shop/infra//.',
  'shop/infra//../other/secret.yaml',
  'shop/infra//a/../../b.yaml',
  'shop/infra//a b.yaml',
  'shop/infra//a.yaml@',
  'shop/infra//a.yaml@main@x',
  'shop/infra//a.yaml@-x',
  'shop/infra//a.yaml@a..b',
  'shop/infra//a.yaml@a/',
  'shop/infra//a.yaml@x~1',
  './..//a.yaml',
  'shop/..//a.yaml',
  'shop/infra//a\u0000.yaml',
  'https://github.com/shop/infra//a.yaml',
])('%j is no source', (text) => {
  expect(parseSource(text)).toBeNull();
});
