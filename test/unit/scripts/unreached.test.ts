import { expect, test } from 'vitest';

import { unreached } from '../../../scripts/unreached.ts';

const store = `
  import { z } from 'zod';
  export interface Store { readonly load: (id: string) => string; readonly peek: () => string }
  export const rowSchema = z.strictObject({ shown: z.string(), kept: z.string() });
  export const most = 3;
  export function open(): Store { return { load: (id) => id, peek: () => '' }; }
`;
const entry = `
  import { open, rowSchema } from './store.ts';
  const { shown } = rowSchema.parse(open().load('a'));
  process.stdout.write(shown);
`;

test('a member that nothing reads and an export that nothing uses are found, with their places', () => {
  const found = unreached([
    { path: 'src/app/store.ts', text: store },
    { path: 'src/app/main.ts', text: entry },
  ]);

  expect(found).toEqual([
    'src/app/store.ts:3 peek is never read',
    'src/app/store.ts:4 kept is never read',
    'src/app/store.ts:5 most is never used',
  ]);
});

test.each([
  ['by its name', 'console.log(open().peek());'],
  ['by taking it apart', 'const { peek } = open(); peek();'],
  ['by a text', "if ('peek' in open()) console.log();"],
])('a member that is read %s is none', (_, line) => {
  const found = unreached([
    { path: 'src/app/store.ts', text: store },
    { path: 'src/app/main.ts', text: `${entry}\n${line}` },
  ]);

  expect(found.filter((one) => one.includes('peek'))).toEqual([]);
});
