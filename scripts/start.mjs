import { join } from 'node:path';
import { foreground } from './child.mjs';
import { ensureInstalled, nodeProgram, projectEnvironment } from './install.mjs';
import { say } from './progress.mjs';
import { projectRoot } from './project.mjs';

/**
 * The first command on a fresh clone. It runs on the Node that is there (20 or newer) and without any package: it
 * installs what is missing and then hands over to Node 24. Standard output belongs to the command alone.
 */
const programs = {
  demo: 'scripts/demo.ts',
  test: 'scripts/test.mjs',
  check: 'scripts/check.mjs',
  gallery: 'scripts/gallery.ts',
  bench: 'scripts/bench.ts',
  faults: 'scripts/faults.ts',
  fuzz: 'scripts/fuzz.ts',
  mutations: 'scripts/mutations.ts',
  calibrate: 'scripts/calibrate.ts',
  dump: 'scripts/dump.ts',
  oomkeeper: 'src/bin/oomkeeper.ts',
};

const [name = '', ...args] = process.argv.slice(2);
const program = Object.entries(programs).find(([known]) => known === name)?.[1];

if (program === undefined) {
  say(`Usage: node scripts/start.mjs ${Object.keys(programs).join(' | ')} [ARGUMENTS]`);
  process.exitCode = 2;
} else {
  try {
    await ensureInstalled();
    const node = await nodeProgram();
    const cwd = typedIn();
    process.exitCode = await foreground(node, [join(projectRoot, program), ...args], {
      env: projectEnvironment(),
      ...(cwd === undefined ? {} : { cwd }),
    });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

/** Files are named as whoever typed the command sees them, and npm runs us in the project's folder. */
function typedIn() {
  return name === 'oomkeeper' ? process.env['INIT_CWD'] : undefined;
}
