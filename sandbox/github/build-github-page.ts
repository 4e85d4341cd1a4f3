import { readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { build } from 'esbuild';
import type { PageFile } from '../slack/build-page.ts';

const source = join(import.meta.dirname, 'page');
// Nothing is written: the names of the output are only taken apart again, and need an absolute folder for that.
const outputFolder = '/page-output';

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * Bundles the page of the repositories in memory: files by the path under which they have to be served. `/github` and
 * `/github/` are the page itself, everything else lies below. Throws esbuild's error, with place, when the source is
 * wrong.
 */
export async function buildGithubPage(): Promise<ReadonlyMap<string, PageFile>> {
  const [body, bundle] = await Promise.all([
    readFile(join(source, 'index.html')),
    build({
      entryPoints: [
        { in: join(source, 'main.tsx'), out: 'page' },
        { in: join(source, 'styles/page.css'), out: 'page' },
      ],
      outdir: outputFolder,
      assetNames: 'fonts/[name]-[hash]',
      publicPath: '/github/',
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
  const html: PageFile = { contentType: 'text/html; charset=utf-8', body };
  const files = new Map<string, PageFile>([
    ['/github', html],
    ['/github/', html],
  ]);
  for (const { path, contents } of bundle.outputFiles) {
    const contentType = contentTypes[extname(path)] ?? 'application/octet-stream';
    files.set(`/github/${relative(outputFolder, path)}`, { contentType, body: contents });
  }
  return files;
}
