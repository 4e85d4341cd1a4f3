import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../scripts/project.mjs';
import { long } from '../long-first.ts';

test('the files that are tested first exist', () => {
  expect(long.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
});
