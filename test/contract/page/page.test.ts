import { describe } from 'vitest';
import { onPage } from './on-page.ts';
import { testActs } from './page-acts.ts';
import { testShown } from './page-shows.ts';

// One file for both, so that the browser is started and the page built only once.
describe('the sandbox page', () => {
  const on = onPage();
  testShown(on);
  testActs(on);
});
