import { join } from 'node:path';
import { bundlePage } from '../bundle-page.ts';
import type { StaticFile } from '../control.ts';

/** Bundles the page of the messages, which is what the sandbox's own address shows. Throws as `bundlePage` does. */
export function buildPage(): Promise<ReadonlyMap<string, StaticFile>> {
  return bundlePage({
    folder: join(import.meta.dirname, 'page'),
    title: 'Oomkeeper sandbox',
    base: '/',
    paths: ['/index.html'],
  });
}
