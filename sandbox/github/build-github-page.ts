import { join } from 'node:path';
import { bundlePage } from '../bundle-page.ts';
import type { StaticFile } from '../control.ts';

/** Bundles the page of the repositories. Throws as `bundlePage` does. */
export function buildGithubPage(): Promise<ReadonlyMap<string, StaticFile>> {
  return bundlePage({
    folder: join(import.meta.dirname, 'page'),
    title: 'Oomkeeper sandbox: pull requests',
    base: '/github/',
    paths: ['/github', '/github/'],
  });
}
