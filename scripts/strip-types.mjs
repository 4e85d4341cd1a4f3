import { glob, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

/*
 * Writes the TypeScript of one folder to another as JavaScript, for the image: what Node would take away at each start,
 * with a parser that then stays in memory. Types become blanks, so that a line and a column in a stack trace are those of
 * the source (docs/decisions/0044-what-a-watcher-weighs.md).
 */
const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) throw new Error('usage: node scripts/strip-types.mjs FROM TO');

/** `from './x.ts'` and `import('./x.ts')`, as the formatter writes them. */
const imported = /(?<=\b(?:from |import\()'\.[^'\n]*\.)ts(?=')/g;

for await (const name of glob('**/*.ts', { cwd: from })) {
  const source = join(from, name);
  const written = join(to, name.replace(/ts$/, 'js'));
  const { mode } = await stat(source);
  await mkdir(dirname(written), { recursive: true });
  await writeFile(written, stripTypeScriptTypes(await readFile(source, 'utf8')).replaceAll(imported, 'js'), { mode });
}
