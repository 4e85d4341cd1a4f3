import { expect, test } from 'vitest';

import { heapOf, heapUnder } from '../../../../../src/core/diagnose/runtimes/heap.ts';
import { Mi, readable, specOf } from '../../../../fixtures/findings.ts';

const limit = 1000 * Mi;

function heapWith(env: Readonly<Record<string, string>>): number | null {
  const heap = readable(heapOf(specOf({ args: ['dotnet', 'app.dll'], env })));
  return heap && (heapUnder(heap, limit) ?? 0) / Mi;
}

test.each([
  ['takes three quarters without a setting', {}, 750],
  ['reads a percentage as hexadecimal', { DOTNET_GCHeapHardLimitPercent: '0x4B' }, 750],
  ['does so without the 0x too: 60 is 96', { DOTNET_GCHeapHardLimitPercent: '60' }, 960],
  ['ignores more than 99: 75 is 117', { DOTNET_GCHeapHardLimitPercent: '75' }, 750],
  [
    'takes a size before a percentage',
    { DOTNET_GCHeapHardLimit: '0x10000000', DOTNET_GCHeapHardLimitPercent: '1' },
    256,
  ],
  ['still reads the old name', { COMPlus_GCHeapHardLimitPercent: '32' }, 500],
  ['ignores what is no number', { DOTNET_GCHeapHardLimitPercent: '75%' }, 750],
] as const)('.NET %s', (_, env, heapMi) => {
  expect(heapWith(env)).toBe(heapMi);
});
