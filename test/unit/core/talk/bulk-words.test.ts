import { expect, test } from 'vitest';
import { bulkSentence } from '../../../../src/core/talk/bulk-words.ts';

const none = { done: 0, before: 0, over: 0, refused: 0, waiting: 0 };

test.each([
  [{ done: 40 }, null, 'All 40 incidents are acknowledged now.'],
  [{ done: 1 }, null, 'The incident is acknowledged now.'],
  [{ done: 37, before: 1, over: 2 }, null, '37 of 40 incidents are acknowledged now; 1 was before, 2 are closed.'],
  [
    { done: 1, waiting: 2 },
    null,
    '1 of 3 incidents is acknowledged now; 2 wait for a worker, which decides when it is back.',
  ],
  [
    { refused: 3 },
    'Only {0} can do that.',
    '0 of 3 incidents are acknowledged now; 3 were refused. Only {0} can do that.',
  ],
])('%j', (counts, reason, sentence) => {
  expect(bulkSentence('acknowledge', { ...none, ...counts }, reason)).toBe(sentence);
});
