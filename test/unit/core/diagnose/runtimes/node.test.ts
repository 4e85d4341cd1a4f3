import { expect, test } from 'vitest';

import { nodeFlags, nodeHeapUnder } from '../../../../../src/core/diagnose/runtimes/node.ts';
import { readable } from '../../../../fixtures/findings.ts';

const Mi = 2 ** 20;
type Env = Readonly<Record<string, string>>;

test.each<[string, Env, readonly string[], number, number]>([
  ['half of the limit without a flag', {}, [], 1024, 512],
  ['at most 2Gi without a flag', {}, [], 16_384, 2048],
  ['the size in NODE_OPTIONS', { NODE_OPTIONS: '--enable-source-maps --max-old-space-size=700' }, [], 1024, 700],
  ['the size with underscores', { NODE_OPTIONS: '--max_old_space_size=700' }, [], 1024, 700],
  [
    'the command line over NODE_OPTIONS',
    { NODE_OPTIONS: '--max-old-space-size=700' },
    ['node', '--max-old-space-size=300', 'a.js'],
    1024,
    300,
  ],
  ['a value that stands apart', {}, ['node', '--max-old-space-size', '300', 'a.js'], 1024, 300],
  [
    'the percentage over the size',
    { NODE_OPTIONS: '--max-old-space-size-percentage=60 --max-old-space-size=100' },
    [],
    1000,
    600,
  ],
  ['nothing from the arguments of the script', {}, ['node', 'a.js', '--max-old-space-size=300'], 1024, 512],
  ['nothing from npm, which does not pass it on', {}, ['npm', 'start', '--max-old-space-size=300'], 1024, 512],
  ['nothing from a flag without a number', { NODE_OPTIONS: '--max-old-space-size=big' }, [], 1024, 512],
])('the heap of Node.js is %s', (_, env, args, limit, heap) => {
  expect(nodeHeapUnder(readable(nodeFlags({ env, args })), limit * Mi) / Mi).toBe(heap);
});
