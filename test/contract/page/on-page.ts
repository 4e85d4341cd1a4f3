import type { Browser, Page } from 'playwright-core';
import { beforeAll, beforeEach } from 'vitest';
import { buildPage, type PageFile } from '../../../sandbox/slack/build-page.ts';
import { browserMissing, launchBrowser } from '../../browser.ts';
import { type FakeWorkspace, startFakeWorkspace } from './fake-workspace.ts';

/** The message id of a root that a test posts first. */
export const rootTs = '1790000000.000100';

export interface OnPage {
  /** The page of the present test; blank until `open`. */
  readonly page: Page;
  readonly workspace: FakeWorkspace;
  readonly open: () => Promise<void>;
  /** What the page complained about in the browser's console. */
  readonly problems: () => readonly string[];
}

/** One browser for all tests of a file; a fresh workspace and page for each. Where no browser can run, all skip. */
export function onPage(): OnPage {
  const missing = browserMissing();
  let browser: Browser;
  let files: ReadonlyMap<string, PageFile>;
  let workspace: FakeWorkspace;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    if (missing !== null) return undefined;
    [browser, files] = await Promise.all([launchBrowser(), buildPage()]);
    return () => browser.close();
  }, 60_000);

  beforeEach(async ({ skip }) => {
    if (missing !== null) skip(missing);
    workspace = await startFakeWorkspace(files);
    page = await browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'light' });
    page.setDefaultTimeout(10_000);
    problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (said) => {
      if (said.type() === 'error') problems.push(said.text());
    });
    return async () => {
      await page.close();
      await workspace.close();
    };
  });

  return {
    get page() {
      return page;
    },
    get workspace() {
      return workspace;
    },
    open: async () => {
      await page.goto(workspace.url);
      await page.getByRole('log').first().waitFor();
    },
    problems: () => problems,
  };
}
