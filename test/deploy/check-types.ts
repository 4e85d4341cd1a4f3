import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from '../../scripts/child.mjs';
import { programsRoot, projectRoot } from '../../scripts/project.mjs';

/** A value, and a type that it is to have: `import('package').Type`. */
export interface Typed {
  readonly type: string;
  readonly value: unknown;
}

/**
 * What the compiler says about values as literals of their types: a field that the type does not know is an error,
 * which a schema may let pass. Packages are those of the project.
 */
export async function checkTypes(values: readonly Typed[]): Promise<readonly string[]> {
  // Inside of the project, where the compiler finds the packages.
  const folder = join(projectRoot, '.cache', `typed-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    const file = join(folder, 'values.ts');
    const lines = values.map(({ type, value }, index) => `export const v${index}: ${type} = ${JSON.stringify(value)};`);
    await writeFile(file, `${lines.join('\n')}\n`);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--types', 'node', '--ignoreConfig'];
    const target = ['--target', 'es2024', '--module', 'nodenext'];
    const { code, output } = await capture(join(programsRoot, 'tsc'), [...options, ...target, file]);
    return code === 0 ? [] : output.trim().split('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
