import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildGallery } from '../sandbox/slack/build-gallery.ts';
import { galleryData } from '../test/gallery/gallery-data.ts';
import { elapsed, say } from './progress.mjs';
import { cacheRoot } from './project.mjs';
import { takePictures } from './take-pictures.ts';

const usage = `Renders every message of every phase to one page, in both themes, by the product's own renderers.

Usage: npm run gallery [-- --pictures]

It writes .cache/gallery/index.html and prints its path. The samples are in test/gallery.

  --pictures  also takes the pictures of docs/images that are of the gallery (scripts/take-pictures.ts), with the
              headless Chromium of the tests
`;

if (process.argv.includes('--help')) process.stdout.write(usage);
else {
  const page = await write();
  process.stdout.write(`${page}\n`);
  if (process.argv.includes('--pictures'))
    for (const path of await takePictures(page)) process.stdout.write(`${path}\n`);
}

async function write(): Promise<string> {
  const started = performance.now();
  const folder = join(cacheRoot, 'gallery');
  const data = galleryData();
  const files = await buildGallery(data);
  await rm(folder, { recursive: true, force: true });
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  say(
    `${data.sections.reduce((sum, { samples }) => sum + samples.length, 0)} messages rendered in ${elapsed(started)}`,
  );
  return join(folder, 'index.html');
}
