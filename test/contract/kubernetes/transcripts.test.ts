import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { isKubeObject, partOf } from './kube-object.ts';
import { livingBefore } from './living-before.ts';
import { replayLiving } from './replay-living.ts';
import { replayTranscript } from './replay-transcript.ts';
import { openRequest, readText, send, startTestServer } from './start-server.ts';
import { readTranscript } from './transcript.ts';
import { worldOf } from './transcript-worlds.ts';

const recordings = fileURLToPath(new URL('../../recordings/transcripts/', import.meta.url));
const originals = fileURLToPath(new URL('../../../../shared/transcripts/', import.meta.url));
const covered = z
  .record(z.string(), z.array(z.string()))
  .parse(JSON.parse(readFileSync(`${recordings}/covered.json`, 'utf8')));
const { 'watch-selectors': _selectors, rollout: _rollout, evict: _evict, ...files } = covered;
const living = ['rollout', 'evict'] as const;

describe('the API server simulator against a real API server', () => {
  test.each(Object.entries(files))('answers the covered exchanges of %s as recorded', async (file, names) => {
    const exchanges = readTranscript(file);

    const replayed = await replayTranscript(file, exchanges);

    expect(replayed.map(({ name }) => name)).toEqual(names);
    expect(replayed.filter(({ differences }) => differences.length > 0)).toEqual([]);
  });

  test.each(living)(
    'answers the covered exchanges of %s as recorded while kubelet and controllers are at work',
    async (file) => {
      const names = covered[file] ?? [];
      const exchanges = readTranscript(file).filter(({ name }) => names.includes(name));

      const replayed = await replayLiving(exchanges, livingBefore[file]);

      expect(replayed.map(({ name }) => name)).toEqual(names);
      expect(replayed.filter(({ differences }) => differences.length > 0)).toEqual([]);
    },
  );

  test('tells selective watches what enters and leaves their selection, line by line as recorded', async () => {
    const [whole, ...selective] = readTranscript('watch-selectors');
    const { server, store, clock } = await startTestServer();
    store.advanceTo(2785);

    const open = await Promise.all(selective.map(async ({ request }) => openRequest(server, { path: request.path })));
    for (const line of whole?.response.lines ?? []) {
      const [type, object] = [partOf(line, 'type'), partOf(line, 'object')];
      if (isKubeObject(object) && (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED')) {
        store.replay({ type, resource: 'pods', object });
      }
    }
    const texts = Promise.all(open.map(readText));
    await clock.advance(60_000);

    const lines = (await texts).map((text) =>
      text
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    );
    expect(lines).toEqual(selective.map(({ response }) => response.lines));
    await server.close();
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

    for (const file of [...Object.keys(files), ...living]) {
      const real = readTranscript(file, originals);

      expect(real).toEqual(expect.arrayContaining([...readTranscript(file)]));
    }
  });
});

function fieldsByManager(body: unknown): Record<string, unknown> {
  const entries = partOf(body, 'metadata', 'managedFields');
  const list: readonly unknown[] = Array.isArray(entries) ? entries : [];
  return Object.fromEntries(list.map((entry) => [String(partOf(entry, 'manager')), partOf(entry, 'fieldsV1')]));
}
