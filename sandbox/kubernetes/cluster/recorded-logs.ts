import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { LogQuery, LogSource } from '../kubelet/logs.ts';
import { objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { readRecordedFile } from './recorded-files.ts';

type Answer = ReturnType<LogSource['logs']>;

/**
 * The logs of a recording as the kubelet has them at a recorded moment: `logs/POD_CONTAINER.RESTARTS.log`, lines that
 * begin with their time, as far as they were written by then. Which run is meant the pod in `store` says.
 */
export async function openRecordedLogs(dir: string, store: ObjectStore, now: () => number): Promise<LogSource> {
  const folder = join(dir, 'logs');
  const names = (await readdir(folder).catch(() => [])).map((name) => name.replace(/\.gz$/, ''));
  const texts = new Map(
    await Promise.all(names.map(async (name) => [name, (await readRecordedFile(join(folder, name))) ?? ''] as const)),
  );

  function written({ pod, container, tailLines, limitBytes }: LogQuery, run: number): Answer {
    const text = texts.get(`${pod}_${container}.${run}.log`);
    // Nobody kept this one, and the kubelet says the same of a log that it has removed.
    if (text === undefined) return { status: 200, body: `unable to retrieve container logs for ${pod}` };
    const lines = text.split('\n').filter((line) => line !== '' && !(Date.parse(line.split(' ', 1)[0] ?? '') > now()));
    const kept = tailLines === undefined ? lines : lines.slice(-tailLines);
    const body = kept.map((line) => `${line}\n`).join('');
    return { status: 200, body: limitBytes === undefined ? body : body.slice(0, limitBytes) };
  }

  return {
    logs: (query) => {
      const { namespace, pod, container, previous } = query;
      const statuses = objectsOf(objectOf(store.get('pods', namespace, pod)?.['status'])['containerStatuses']);
      const status = objectOf(statuses.find(({ name }) => name === container));
      const { state, lastState } = { state: objectOf(status['state']), lastState: objectOf(status['lastState']) };
      const run = Number(status['restartCount'] ?? 0);
      const ended = textOf(objectOf(lastState['terminated'])['containerID']);
      if (!previous) return written(query, run);
      if (ended === undefined) return { status: 400, body: `previous terminated container "${container}" not found` };
      // The run before the one that has just ended is removed by then.
      if ('terminated' in state) return { status: 200, body: `unable to retrieve container logs for ${ended}` };
      return written(query, 'waiting' in state ? run : run - 1);
    },
  };
}
