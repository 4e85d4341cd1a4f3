import { describe } from 'vitest';
import { isLongWanted, tooLong } from '../../long.ts';
import { onPage } from './on-page.ts';
import { testActs } from './page-acts.ts';
import { testFiles } from './page-files.ts';
import { testHome } from './page-home.ts';
import { testShown } from './page-shows.ts';
import { testViews } from './page-views.ts';

// One file for all, so that the browser is started and the page built only once.
describe('the sandbox page', () => {
  const on = onPage(isLongWanted ? undefined : tooLong);
  testShown(on);
  testActs(on);
  testFiles(on);
  testViews(on);
  testHome(on);
});
