import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDumpFile } from '../test/dumps/dump-file.ts';
import { recordDump } from '../test/dumps/record-dump.ts';
import { elapsed, say } from './progress.mjs';
import { projectRoot } from './project.mjs';

const usage = `Runs the system of this checkout through some stories and keeps what it leaves in Redis, so that later
versions are tested with it: once for each release, before its number is given to anything else.

Usage: npm run -s dump -- VERSION

Writes test/recordings/dumps/VERSION.ndjson.gz.
`;

const [version = ''] = process.argv.slice(2);
if (/^\d+\.\d+\.\d+$/.test(version)) {
  const started = performance.now();
  const path = join(projectRoot, 'test/recordings/dumps', `${version}.ndjson.gz`);
  const dump = await recordDump(version, say);
  await mkdir(join(path, '..'), { recursive: true });
  await writeDumpFile(path, dump);
  say(`${dump.lines.length} keys in ${path}, ${elapsed(started)}`);
  process.exit(0);
} else {
  process.stdout.write(usage);
  process.exitCode = 2;
}
