import { join } from 'node:path';
import { bundlePage } from '../bundle-page.ts';

/** Messages as they are rendered, in the shape that the gallery's page reads (page/gallery/gallery.tsx). */
export interface GallerySample {
  readonly name: string;
  readonly kind: 'root' | 'reply' | 'answer' | 'home' | 'dialog';
  readonly message?: object;
  readonly view?: object;
}

export interface GalleryData {
  /** ms UTC */
  readonly now: number;
  readonly users: readonly object[];
  readonly groups: readonly object[];
  readonly sections: readonly { readonly name: string; readonly samples: readonly GallerySample[] }[];
}

/**
 * Files of a page that shows these messages in both themes, by their paths below one folder; `index.html` can be opened
 * without a server. Throws as `bundlePage` does.
 */
export async function buildGallery(data: GalleryData): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const bundle = await bundlePage({
    folder: join(import.meta.dirname, 'page/gallery'),
    title: 'Oomkeeper gallery',
    base: './',
    paths: [],
  });
  const files = new Map([...bundle].map(([path, { body }]) => [path.replace(/^\.\//, ''), body] as const));
  const script = textOf(files.get('page.js'));
  files.delete('page.js');
  // A module of its own would be refused where the page comes from a file.
  files.set(
    'index.html',
    `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Oomkeeper gallery</title>
    <link rel="stylesheet" href="page.css" />
  </head>
  <body>
    <div id="app"></div>
    <script type="application/json" id="samples">${JSON.stringify(data).replaceAll('<', String.raw`\u003c`)}</script>
    <script type="module">${script.replaceAll('</script', String.raw`<\/script`)}</script>
  </body>
</html>
`,
  );
  return files;
}

function textOf(body: string | Uint8Array | undefined): string {
  return typeof body === 'string' ? body : Buffer.from(body ?? new Uint8Array()).toString('utf8');
}
