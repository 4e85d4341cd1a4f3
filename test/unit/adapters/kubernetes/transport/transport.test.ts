import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { createTurns } from '../../../../../src/core/turns.ts';
import { textOf } from '../../../../../src/adapters/kubernetes/transport/answer-text.ts';

test('an answer that is too long is not read to its end', async () => {
  const answer = Readable.from([Buffer.alloc(2 ** 20, 'a'), Buffer.from('b'), Buffer.from('c')]);
  const signal = new AbortController().signal;

  await expect(textOf(answer, { mostBytes: 2 ** 20, turns: createTurns(1), signal })).rejects.toMatchObject({
    code: 'cluster-answer-long',
    message: expect.stringContaining('longer than 1 MiB'),
  });

  expect(answer.destroyed).toBe(true);
});
