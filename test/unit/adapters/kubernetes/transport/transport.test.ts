import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { textOf } from '../../../../../src/adapters/kubernetes/transport/transport.ts';

test('an answer that is too long is not read to its end', async () => {
  const answer = Readable.from([Buffer.alloc(2 ** 20, 'a'), Buffer.from('b'), Buffer.from('c')]);

  await expect(textOf(answer, 2 ** 20)).rejects.toMatchObject({
    code: 'cluster-answer',
    message: expect.stringContaining('longer than 1 MiB'),
  });

  expect(answer.destroyed).toBe(true);
});
