import { afterAll, beforeAll, beforeEach } from 'vitest';

/**
 * Whether to test what takes long: `bash .ci/run` does so after everything else, alone, so that `npm test` stays short.
 */
export const isLongWanted = process.env['OOMKEEPER_TEST_LONG'] === 'true';

/** Why such a test was skipped. */
export const tooLong = 'it takes long: bash .ci/run does it at the end, alone, and so does OOMKEEPER_TEST_LONG=true';

/** Skips every test of the file, or of the group, unless what takes long is wanted. */
export function skipUnlessLongIsWanted(): void {
  beforeEach(({ skip }) => {
    if (!isLongWanted) skip(tooLong);
  });
}

/** `beforeAll` of a file that is skipped unless what takes long is wanted. */
export function beforeAllLong(begin: () => Promise<void>, timeoutMs?: number): void {
  skipUnlessLongIsWanted();
  beforeAll(async () => {
    if (isLongWanted) await begin();
  }, timeoutMs);
}

/** `afterAll` for what `beforeAllLong` began. */
export function afterAllLong(end: () => Promise<void>): void {
  afterAll(async () => {
    if (isLongWanted) await end();
  });
}
