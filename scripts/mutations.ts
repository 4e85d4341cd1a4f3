import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutations } from '../test/mutations/mutations.ts';
import type { Mutation } from '../test/mutations/mutation.ts';
import { capture } from './child.mjs';
import { readCounts } from './counts.mjs';
import { elapsed, say } from './progress.mjs';
import { cacheRoot, projectRoot } from './project.mjs';

const usage = `Usage: npm run -s mutations -- [--only TEXT]

Breaks one line after the other that carries an invariant, in a copy of the project, and looks whether the test that is
named beside it goes red (test/mutations/mutations.ts). Exits with 1 when one stays green.

  --only TEXT  those whose file, sentence or test has TEXT in it
`;

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, help: { type: 'boolean' } } });
if (values.help === true) process.stdout.write(usage);
else process.exitCode = await runMutations(values.only);

/** The exit code. */
async function runMutations(only: string): Promise<number> {
  const chosen = mutations.filter(({ breaks, file, test }) =>
    [breaks, file, ...test].some((text) => text.includes(only)),
  );
  if (chosen.length === 0) {
    say(`No line of the table has "${only}" in it.`);
    return 2;
  }
  const copy = await mkdtemp(join(tmpdir(), 'oomkeeper-mutations-'));
  try {
    await copyProject(copy);
    const before = await run(copy, [...new Set(chosen.map(({ test: [file] }) => file))]);
    if (before.failed > 0 || before.passed === 0) {
      say(`The tests are not green as they are: ${before.passed} passed, ${before.failed} failed.`);
      return 1;
    }
    let open = 0;
    for (const mutation of chosen) open += (await goesRed(copy, mutation)) ? 0 : 1;
    process.stdout.write(`${chosen.length - open} passed, ${open} failed\n`);
    return open === 0 ? 0 : 1;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** What is there now, committed or not, but nothing that git ignores. */
async function copyProject(to: string): Promise<void> {
  const { output } = await capture('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectRoot,
  });
  for (const file of output.split('\0').filter((name) => name !== ''))
    await cp(join(projectRoot, file), join(to, file)).catch((error: unknown) => {
      // Deleted and not committed.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  await symlink(join(projectRoot, 'node_modules'), join(to, 'node_modules'));
  await symlink(cacheRoot, join(to, '.cache'));
}

async function goesRed(copy: string, { invariant, breaks, file, line, instead, test }: Mutation): Promise<boolean> {
  const started = performance.now();
  const path = join(copy, file);
  const text = await readFile(path, 'utf8');
  await writeFile(
    path,
    text.replace(line, () => instead),
  );
  const [testFile, name] = test;
  const { failed } = await run(copy, [testFile, '-t', name]);
  await writeFile(path, text);
  const verdict = failed > 0 ? 'red    ' : 'NOTHING';
  process.stdout.write(`${verdict} ${invariant} ${file}: ${breaks} (${elapsed(started)})\n`);
  return failed > 0;
}

async function run(copy: string, selection: readonly string[]): Promise<{ passed: number; failed: number }> {
  const { output } = await capture(process.execPath, [join(copy, 'scripts/test.mjs'), ...selection], { cwd: copy });
  return readCounts(output.trimEnd().split('\n').at(-1) ?? '') ?? { passed: 0, failed: 0 };
}
