import { extname, join, relative } from 'node:path';
import { build } from 'esbuild';
import type { StaticFile } from './control.ts';

export interface PageSource {
  /** Holds `main.tsx` and `styles/page.css`. */
  readonly folder: string;
  readonly title: string;
  /** Under which the page's files are served; with a slash at its end. */
  readonly base: string;
  /** The paths of the page itself. */
  readonly paths: readonly string[];
}

// Nothing is written: the names of the output are only taken apart again, and need an absolute folder for that.
const outputFolder = '/page-output';

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * Bundles a page of the sandbox in memory, fonts included: files by the path under which they have to be served, below
 * the base `page.js`, `page.css` and `fonts/…`. Throws esbuild's error, with place, when the source is wrong.
 */
export async function bundlePage({ folder, title, base, paths }: PageSource): Promise<ReadonlyMap<string, StaticFile>> {
  const { outputFiles } = await build({
    entryPoints: [
      { in: join(folder, 'main.tsx'), out: 'page' },
      { in: join(folder, 'styles/page.css'), out: 'page' },
    ],
    outdir: outputFolder,
    assetNames: 'fonts/[name]-[hash]',
    publicPath: base,
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.woff2': 'file' },
    // Every browser of the last ten years takes the first source of a font face.
    external: ['*.woff'],
    logLevel: 'silent',
  });
  const html: StaticFile = { contentType: 'text/html; charset=utf-8', body: htmlOf(title, base) };
  const files = new Map<string, StaticFile>(paths.map((path) => [path, html]));
  for (const { path, contents } of outputFiles) {
    const contentType = contentTypes[extname(path)] ?? 'application/octet-stream';
    files.set(base + relative(outputFolder, path), { contentType, body: contents });
  }
  return files;
}

const icon = `
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36">
  <rect width="36" height="36" rx="8" fill="#b4232f"/>
  <path d="M18 6.5 28 10v8c0 6-4.2 9.7-10 11.8C12.2 27.7 8 24 8 18v-8z" fill="#fff"/>
</svg>`;

/** NOTE: neither is escaped; both are the sandbox's own words. */
function htmlOf(title: string, base: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title}</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon.trim())}" />
    <link rel="stylesheet" href="${base}page.css" />
    <script type="module" src="${base}page.js"></script>
  </head>
  <body>
    <div id="app"></div>
  </body>
</html>
`;
}
