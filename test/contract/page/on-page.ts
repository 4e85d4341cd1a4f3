import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { buildPage, type PageFile } from '../../../sandbox/slack/build-page.ts';
import { launchBrowser } from '../../browser.ts';
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

/** One browser for a test file; a fresh workspace and page for each of its tests. */
export function onPage(): OnPage {
  let browser: Browser;
  let files: ReadonlyMap<string, PageFile>;
  let workspace: FakeWorkspace;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    [browser, files] = await Promise.all([launchBrowser(), buildPage()]);
  }, 60_000);

  beforeEach(async () => {
    workspace = await startFakeWorkspace(files);
    page = await browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'light' });
    page.setDefaultTimeout(10_000);
    problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (said) => {
      if (said.type() === 'error') problems.push(said.text());
    });
  });

  afterEach(async () => {
    await page.close();
    await workspace.close();
  });

  afterAll(async () => {
    await browser.close();
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
