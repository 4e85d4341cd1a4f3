import type { Browser, Page } from 'playwright-core';
import { beforeAll, beforeEach } from 'vitest';
import type { StaticFile } from '../../../sandbox/control.ts';
import { browserMissing, launchBrowser } from '../../browser.ts';

type Files = ReadonlyMap<string, StaticFile>;

export interface InBrowser {
  /** The page of the present test; blank at its start. */
  readonly page: Page;
  /** What is to be served to it. */
  readonly files: Files;
  /** What the page complained about in the browser's console. */
  readonly problems: () => readonly string[];
}

/** One browser for all tests of a file; a fresh page for each. Where no browser can run, all skip. */
export function inBrowser(build: () => Promise<Files>): InBrowser {
  const missing = browserMissing();
  let browser: Browser;
  let files: Files;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    if (missing !== null) return undefined;
    [browser, files] = await Promise.all([launchBrowser(), build()]);
    return () => browser.close();
  }, 60_000);

  beforeEach(async ({ skip }) => {
    if (missing !== null) skip(missing);
    page = await browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'light' });
    page.setDefaultTimeout(10_000);
    problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (said) => {
      if (said.type() === 'error') problems.push(said.text());
    });
    return () => page.close();
  });

  return {
    get page() {
      return page;
    },
    get files() {
      return files;
    },
    problems: () => problems,
  };
}
