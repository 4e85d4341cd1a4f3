import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchBrowser } from '../test/browser.ts';
import { projectRoot } from './project.mjs';

/** Samples of the gallery that the documentation shows, by the names of their pictures. */
const pictures: Readonly<Record<string, string>> = {
  home: 'Home tab / on a usual day',
};
/** In pixels of the page; below that it is more of the same. */
const tallest = 525;
const themes = ['light', 'dark'] as const;

/** Writes the pictures of `docs/images` that are of the gallery; `page` is its file. Returns their paths. */
export async function takePictures(page: string): Promise<readonly string[]> {
  const browser = await launchBrowser();
  try {
    const shown = await browser.newPage({ viewport: { width: 1500, height: 1000 }, deviceScaleFactor: 1.5 });
    await shown.goto(pathToFileURL(page).href);
    const paths: string[] = [];
    for (const [name, sample] of Object.entries(pictures))
      for (const theme of themes) {
        const path = join(projectRoot, `docs/images/${name}-${theme}.png`);
        const side = shown.locator(`[data-sample="${sample}"] [data-theme="${theme}"]`);
        const box = await side.boundingBox();
        if (box === null) throw new Error(`the gallery shows no ${sample}`);
        await shown.screenshot({ path, fullPage: true, clip: { ...box, height: Math.min(box.height, tallest) } });
        paths.push(path);
      }
    return paths;
  } finally {
    await browser.close();
  }
}
