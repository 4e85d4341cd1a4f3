import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildGallery } from '../sandbox/slack/build-gallery.ts';
import { seedWorkspace } from '../sandbox/slack/workspace.ts';
import { killedAt } from '../test/fixtures/incidents.ts';
import type { Sample } from '../test/gallery/sample.ts';
import { samples } from '../test/gallery/samples.ts';
import { elapsed, say } from './progress.mjs';
import { cacheRoot } from './project.mjs';

const usage = `Renders every message of every phase to one page, in both themes, by the product's own renderers.

Usage: npm run gallery

It writes .cache/gallery/index.html and prints its path. The samples are in test/gallery.
`;

if (process.argv.includes('--help')) process.stdout.write(usage);
else process.stdout.write(`${await write()}\n`);

async function write(): Promise<string> {
  const started = performance.now();
  const folder = join(cacheRoot, 'gallery');
  const sections = samples();
  const { people, groups } = seedWorkspace();
  const files = await buildGallery({
    now: killedAt,
    users: people.map(({ name, displayName, color }) => ({
      id: `U${name.toUpperCase()}`,
      name,
      displayName,
      color: `#${color}`,
    })),
    groups: [
      ...groups.map(({ handle }) => ({ id: `S${handle.toUpperCase()}`, handle })),
      { id: 'SSHOP', handle: 'team-shop' },
    ],
    sections: sections.map(({ name, samples: all }) => ({ name, samples: all.map(shown) })),
  });
  await rm(folder, { recursive: true, force: true });
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  say(`${sections.reduce((sum, { samples: all }) => sum + all.length, 0)} messages rendered in ${elapsed(started)}`);
  return join(folder, 'index.html');
}

function shown(sample: Sample) {
  const { kind, name } = sample;
  if (sample.kind === 'dialog') return { kind, name, view: { id: 'V1', ...sample.view } };
  return { kind, name, message: { ts: String(killedAt / 1000), text: sample.text, blocks: sample.blocks } };
}
