import type { Page } from 'playwright-core';
import { beforeEach } from 'vitest';
import { buildPage } from '../../../sandbox/slack/build-page.ts';
import { type FakeWorkspace, startFakeWorkspace } from './fake-workspace.ts';
import { inBrowser } from './in-browser.ts';

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

/** The page of the messages before a workspace that is fresh in each test; with a reason why not, all are skipped. */
export function onPage(missing?: string): OnPage {
  const shown = inBrowser(buildPage, missing);
  let workspace: FakeWorkspace;

  beforeEach(async () => {
    workspace = await startFakeWorkspace(shown.files);
    return () => workspace.close();
  });

  return {
    get page() {
      return shown.page;
    },
    get workspace() {
      return workspace;
    },
    open: async () => {
      await shown.page.goto(workspace.url);
      await shown.page.getByRole('log').first().waitFor();
    },
    problems: shown.problems,
  };
}
