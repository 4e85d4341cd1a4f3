import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrated, migrations, schemaOf } from '../../../../src/adapters/redis/documents/migrations/migrations.ts';
import { projectRoot } from '../../../../scripts/project.mjs';

describe('migrations', () => {
  test('of each kind lead from 1 on, each one further than the one before', () => {
    const expected = migrations.map(({ kind }, at) => ({
      kind,
      to: migrations.slice(0, at).filter((before) => before.kind === kind).length + 2,
    }));

    expect(migrations).toMatchObject(expected);
  });

  test('have a file each, by kind and number', async () => {
    const files = await readdir(join(projectRoot, 'src/adapters/redis/documents/migrations'));

    const expected = migrations.map(({ kind, to }) => `${kind}-${to}.ts`);
    expect(files.toSorted()).toEqual([...expected, 'migration.ts', 'migrations.ts'].toSorted());
  });

  test('are those from the schema of the document on, in their order', () => {
    const document = { firstKill: { kind: 'ahead', pod: 'p' }, warning: { at: 1 }, explained: null };

    expect(migrated('incident', 1, document)).toEqual({
      trigger: { kind: 'ahead', pod: 'p', warning: { at: 1 } },
      explained: null,
    });
    expect(migrated('incident', schemaOf('incident'), document)).toBe(document);
    expect(migrated('posting', 1, document)).toBe(document);
  });

  test('leave what they do not understand to the schema, which says what is wrong', () => {
    const torn = { firstKill: 'none' };

    expect(migrated('incident', 1, torn)).toBe(torn);
  });
});
