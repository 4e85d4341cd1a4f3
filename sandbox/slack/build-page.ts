import { readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { build } from 'esbuild';

export interface PageFile {
  readonly contentType: string;
  readonly body: Uint8Array;
}

const source = join(import.meta.dirname, 'page');
// Nothing is written: the names of the output are only taken apart again, and need an absolute folder for that.
const outputFolder = '/page-output';

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * Bundles the sandbox's page in memory, fonts included: files by the path under which they have to be served
 * (`/index.html`, `/page.js`, `/page.css`, `/fonts/…`). Throws esbuild's error, with place, when the source is wrong.
 */
export async function buildPage(): Promise<ReadonlyMap<string, PageFile>> {
  const [html, bundle] = await Promise.all([
    readFile(join(source, 'index.html')),
    build({
      entryPoints: [
        { in: join(source, 'main.tsx'), out: 'page' },
        { in: join(source, 'styles/page.css'), out: 'page' },
      ],
      outdir: outputFolder,
      assetNames: 'fonts/[name]-[hash]',
      publicPath: '/',
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
    }),
  ]);
  const files = new Map<string, PageFile>([['/index.html', { contentType: 'text/html; charset=utf-8', body: html }]]);
  for (const { path, contents } of bundle.outputFiles) {
    const contentType = contentTypes[extname(path)] ?? 'application/octet-stream';
    files.set(`/${relative(outputFolder, path)}`, { contentType, body: contents });
  }
  return files;
}
