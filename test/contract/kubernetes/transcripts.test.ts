import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { partOf } from './kube-object.ts';
import { replayLiving } from './replay-living.ts';
import { replayTranscript } from './replay-transcript.ts';
import { send, startTestServer } from './start-server.ts';
import { readTranscript } from './transcript.ts';
import { worldOf } from './transcript-worlds.ts';

const recordings = fileURLToPath(new URL('../../recordings/transcripts/', import.meta.url));
const originals = fileURLToPath(new URL('../../../../shared/transcripts/', import.meta.url));
/** Those that are replayed, by file, and those that were left out, by the reason for that. */
const { covered, leftOut } = z
  .object({
    covered: z.record(z.string(), z.array(z.string())),
    leftOut: z.record(z.string(), z.array(z.string())),
  })
  .parse(JSON.parse(readFileSync(`${recordings}/covered.json`, 'utf8')));
const { rollout = [], ...files } = covered;

describe('the API server simulator against a real API server', () => {
  test.each(Object.entries(files))('answers the covered exchanges of %s as recorded', async (file, names) => {
    const exchanges = readTranscript(file);

    const replayed = await replayTranscript(file, exchanges);

    expect(replayed.map(({ name }) => name)).toEqual(names);
    expect(replayed.filter(({ differences }) => differences.length > 0)).toEqual([]);
  });

  test('answers the covered exchanges of rollout as recorded while kubelet and controllers are at work', async () => {
    const replayed = await replayLiving(readTranscript('rollout'));

    expect(replayed.map(({ name }) => name)).toEqual(rollout);
    expect(replayed.filter(({ differences }) => differences.length > 0)).toEqual([]);
  });

  test('books a change on its field manager and takes the fields from the one before', async () => {
    const exchanges = readTranscript('patch');
    const { server, store } = await startTestServer(worldOf('patch', exchanges).seeds);
    const exchange = exchanges.find(({ name }) => name === 'strategic merge');

    const { text } = await send(server, {
      method: 'PATCH',
      path: exchange?.request.path ?? '',
      headers: exchange?.request.headers ?? {},
      body: JSON.stringify(exchange?.request.body),
    });

    expect(fieldsByManager(JSON.parse(text))).toEqual(fieldsByManager(exchange?.response.body));
    expect(store.get('deployments', 'tr-patch', 'web')?.metadata.generation).toBe(2);
    await server.close();
  });

  test('has copied its exchanges without a change', ({ skip }) => {
    skip(!existsSync(originals), 'the whole set of transcripts is not beside the repository');

    for (const file of Object.keys(covered)) {
      const real = readTranscript(file, originals);

      expect(real).toEqual(expect.arrayContaining([...readTranscript(file)]));
    }
  });

  test('leaves out nothing that is covered', () => {
    const names = Object.entries(covered).flatMap(([file, own]) => own.map((name) => `${file}: ${name}`));

    expect(
      Object.values(leftOut)
        .flat()
        .filter((name) => names.includes(name)),
    ).toEqual([]);
  });
});

function fieldsByManager(body: unknown): Record<string, unknown> {
  const entries = partOf(body, 'metadata', 'managedFields');
  const list: readonly unknown[] = Array.isArray(entries) ? entries : [];
  return Object.fromEntries(list.map((entry) => [String(partOf(entry, 'manager')), partOf(entry, 'fieldsV1')]));
}
