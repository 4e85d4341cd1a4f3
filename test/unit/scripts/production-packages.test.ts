import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../../scripts/project.mjs';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      dev: z.boolean().default(false),
      hasInstallScript: z.boolean().default(false),
      os: z.union([z.string(), z.array(z.string())]).optional(),
      dependencies: z.record(z.string(), z.string()).default({}),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

/** Packages of a production install with native code or an install script; those of one platform by who wants them. */
async function specialPackages(): Promise<ReadonlyMap<string, { readonly script: boolean }>> {
  const { packages } = lockSchema.parse(JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')));
  const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
  const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? path;
  const special = shipped.filter(([, { hasInstallScript, os }]) => hasInstallScript || os !== undefined);
  return new Map(
    special.map(([path, { hasInstallScript }]) => {
      const wantedBy = shipped.find(([, one]) => one.optionalDependencies[nameOf(path)] !== undefined);
      const name = wantedBy && !hasInstallScript ? nameOf(wantedBy[0]) : nameOf(path);
      return [name, { script: packages[`node_modules/${name}`]?.hasInstallScript ?? false }];
    }),
  );
}

test('docs/security.md lists each package of a production install that has native code or an install script', async () => {
  const text = await readFile(join(projectRoot, 'docs/security.md'), 'utf8');
  const table = text.slice(text.indexOf('| install script |')).split('\n\n')[0] ?? '';
  const rows = [...table.matchAll(/^\| `([^`]+)` +\| (no|yes)/gm)].map(([, name = '', script]) => [
    name,
    script === 'yes',
  ]);

  const special = await specialPackages();

  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries([...special].map(([name, { script }]) => [name, script])),
  );
});
