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

/**
 * One browser and one page for all tests of a file: a page of its own for each would cost three times as much, most of it
 * for another process of the browser. With a reason why not all skip, and so they do where no browser can run.
 */
export function inBrowser(build: () => Promise<Files>, missing = browserMissing()): InBrowser {
  let files: Files;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    if (missing !== null) return undefined;
    let browser: Browser;
    [browser, files] = await Promise.all([launchBrowser(), build()]);
    page = await browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'light' });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (said) => {
      if (said.type() === 'error') problems.push(said.text());
    });
    return () => browser.close();
  });

  beforeEach(({ skip }) => {
    if (missing !== null) skip(missing);
    problems = [];
    return () => forget(page);
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

/** Leaves the page as a new one would be. NOTE: what is stored is kept by port, and the next test may get the same one. */
async function forget(page: Page): Promise<void> {
  await page.evaluate('location.protocol === "http:" && localStorage.clear()');
  await page.unrouteAll({ behavior: 'wait' });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.mouse.move(0, 0);
  await page.goto('about:blank');
}
