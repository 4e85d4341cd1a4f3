import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { stringify } from 'yaml';
import { projectRoot } from '../../../scripts/project.mjs';
import { fourValues } from '../sets.ts';
import { findHelm, findKubectl, need } from '../tools.ts';
import { blocksOf } from './pages.ts';

/** Where the commands of a page are tried: a folder like the clone that its reader is in, and the real programs. */
export interface Workplace {
  readonly folder: string;
  readonly helm: string;
  readonly kubectl: string;
}

const marker = /^file: (\S+)$/;

const exampleOverlay = 'deploy/kubernetes/example-overlay';

/** For one page: what its blocks marked `file: NAME` say lies there too. The test is skipped where a program is missing. */
export async function workplaceFor(context: TestContext, page: string): Promise<Workplace> {
  const [helm, kubectl] = [need(context, await findHelm()), need(context, await findKubectl())];
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-guide-'));
  context.onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  await cp(join(projectRoot, 'deploy'), join(folder, 'deploy'), { recursive: true });
  for (const name of ['.env.example', 'docker-compose.yml', 'package.json'])
    await symlink(join(projectRoot, name), join(folder, name));
  await writeFile(join(folder, 'values.yaml'), stringify(fourValues));
  await writeFile(join(folder, 'policy.yaml'), 'approvals: []\n');
  // A page that does not show how it is made speaks of one that is there.
  if (!page.includes(`cp -r ${exampleOverlay}`)) await copyOverlay(folder);
  for (const block of blocksOf(page)) {
    const name = marker.exec(block.marker)?.[1];
    if (name !== undefined) await writeFile(join(folder, name), block.text);
  }
  return { folder, helm, kubectl };
}

/** Copies the example as a person would who has a clone, and says in the copy where the bases are. */
export async function copyOverlay(folder: string): Promise<void> {
  const copy = join(folder, 'oomkeeper');
  await cp(join(folder, exampleOverlay), copy, { recursive: true });
  const file = join(copy, 'kustomization.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll('../', '../deploy/kubernetes/'));
}
