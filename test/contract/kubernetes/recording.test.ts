import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test } from 'vitest';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { startApiServer } from '../../../sandbox/kubernetes/server/api-server.ts';
import { openRecording } from '../../../sandbox/kubernetes/cluster/recording.ts';
import { openRequest, readText, send, silentKubelet } from './start-server.ts';

const dir = fileURLToPath(new URL('../../recordings/captures/oom-restart/', import.meta.url));

/** The recorded watch lines of a file, as their text. */
function recordedLines(file: string): readonly string[] {
  const lines = readFileSync(`${dir}/${file}`, 'utf8').trim().split('\n');
  return lines.map((line) => line.slice(line.indexOf('"line":') + '"line":'.length, -1));
}

describe('a recording in the place of a living cluster', () => {
  test('is served byte for byte over watches, from an empty list on', async () => {
    const handClock = createHandClock();
    const recording = await openRecording(dir, handClock);
    const { store, encode, clock } = recording;
    const server = await startApiServer({ store, encode, clock, kubelet: silentKubelet, log: () => {} });
    onTestFinished(server.close);

    const list = await send(server, { path: '/api/v1/pods' });
    const { metadata, items } = JSON.parse(list.text) as { metadata: { resourceVersion: string }; items: unknown[] };
    const watch = async (resource: string) =>
      openRequest(server, {
        path: `/api/v1/${resource}?watch=1&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=3600`,
      });
    const texts = Promise.all([readText(await watch('pods')), readText(await watch('events'))]);
    const playing = recording.play();
    await handClock.advance(4_000_000);
    await playing;

    const lines = (await texts).map((text) => text.trim().split('\n'));
    expect(items).toEqual([]);
    expect(lines).toEqual([
      recordedLines('pods.ndjson').filter((line) => !line.startsWith('{"type":"BOOKMARK"')),
      recordedLines('events.ndjson').filter((line) => !line.startsWith('{"type":"BOOKMARK"')),
    ]);
  });

  test('may be empty: then the cluster is, and stays so', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'pods.ndjson'), '\n');
    const { store, encode, clock, play } = await openRecording(folder, createHandClock());
    const server = await startApiServer({ store, encode, clock, kubelet: silentKubelet, log: () => {} });
    onTestFinished(server.close);

    await play();

    const { status, text } = await send(server, { path: '/api/v1/pods' });
    expect({ status, ...(JSON.parse(text) as object) }).toMatchObject({
      status: 200,
      metadata: { resourceVersion: '1' },
      items: [],
    });
  });

  test('a folder without any of its files is refused with what was looked for', async () => {
    const folder = emptyFolder();

    const opening = openRecording(folder, createHandClock());

    await expect(opening).rejects.toThrow(`${folder} holds no recording: none of pods.ndjson, events.ndjson`);
  });
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oomkeeper-recording-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
