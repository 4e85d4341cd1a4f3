import { beforeEach } from 'vitest';

/**
 * Whether to test what takes long: `bash .ci/run` does so after everything else, alone, so that `npm test` stays short.
 */
export const isLongWanted = process.env['OOMKEEPER_TEST_LONG'] === 'true';

/** Why such a test was skipped. */
export const tooLong = 'it takes long: bash .ci/run does it at the end, alone, and so does OOMKEEPER_TEST_LONG=true';

/** Skips every test of the file unless what takes long is wanted. What a `beforeAll` starts looks at `isLongWanted` itself. */
export function skipUnlessLongIsWanted(): void {
  beforeEach(({ skip }) => {
    if (!isLongWanted) skip(tooLong);
  });
}
