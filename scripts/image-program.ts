import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from './child.mjs';
import { projectRoot } from './project.mjs';

/**
 * Makes the program as deploy/Dockerfile does, in a folder that is there, over the packages in `modules`.
 * Resolves with the path of its main module.
 */
export async function makeImageProgram(folder: string, modules: string): Promise<string> {
  const written = join(folder, 'src');
  const script = join(projectRoot, 'scripts/strip-types.mjs');
  const { code, output } = await capture(process.execPath, [script, join(projectRoot, 'src'), written]);
  if (code !== 0) throw new Error(output);
  await copyFile(join(projectRoot, 'package.json'), join(folder, 'package.json'));
  await symlink(modules, join(folder, 'node_modules'));
  return join(written, 'bin/oomkeeper.js');
}
