import { expect, test } from 'vitest';
import { createNewerDocuments } from '../../../src/app/newer-documents.ts';
import { Failure } from '../../../src/core/failure.ts';

const newer = (what: string): Failure =>
  new Failure('newer-document', `What is stored of ${what} was written by version 9.1.0. …: update this process`, {
    retry: 'backoff',
  });

test('readiness warns of the latest document that is too new, until none was met for ten minutes', () => {
  let now = 0;
  const documents = createNewerDocuments(() => now);

  expect(documents.warnings()).toEqual([]);
  expect([documents.noted(newer('INC-1')), documents.noted(newer('INC-2'))]).toEqual([true, true]);
  expect(documents.warnings()).toEqual([
    'What is stored of INC-2 was written by version 9.1.0. …: update this process. What it cannot read it leaves alone and tries again; nothing is lost.',
  ]);
  now = 600_001;
  expect(documents.warnings()).toEqual([]);
});

test('any other failure is none of its business', () => {
  const documents = createNewerDocuments(() => 0);

  expect([documents.noted(new Failure('bad-document', 'torn')), documents.noted('what?')]).toEqual([false, false]);
  expect(documents.warnings()).toEqual([]);
});
