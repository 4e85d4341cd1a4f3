import type { RestartFacts, SpecFacts } from '../../core/evidence/evidence.ts';
import { record, records, text, texts, timeMs, whole } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import type { Kill } from '../../core/kill/kill.ts';
import { readTermination } from '../../core/kill/termination.ts';
import type { Termination } from '../../core/kill/termination.ts';
import { bytesOf, findContainer, memoryOf } from './container-spec.ts';
import { containerStatus } from './container-status.ts';

/** What the container asks for, from the live pod; its limit is the one that the kill names. Pure. */
export function specFacts(pod: JsonRecord, kill: Kill): SpecFacts {
  const spec = record(pod['spec']);
  const container = findContainer(spec, kill.subject.container ?? '')?.spec ?? {};
  const env = records(container['env']).flatMap((variable) => {
    const [name, value] = [text(variable['name']), text(variable['value'])];
    return name !== null && value !== null ? [[name, value] as const] : [];
  });
  return {
    limitBytes: kill.limitBytes,
    requestBytes: kill.requestBytes,
    podLimitBytes: memoryOf(spec['resources']).limitBytes,
    qosClass: kill.qosClass,
    image: kill.image,
    env: Object.fromEntries(env),
    args: [...strings(container['command']), ...strings(container['args'])],
    memoryVolumes: memoryVolumes(spec, container),
  };
}

/** The kill's own facts, for a pod that is gone. Pure. */
export function specOfKill(kill: Kill): SpecFacts {
  const { limitBytes, requestBytes, qosClass, image } = kill;
  const none = { podLimitBytes: null, env: {}, args: [], memoryVolumes: [] };
  return { limitBytes, requestBytes, qosClass, image, ...none };
}

/** Ends of the container's lives: those of the kills that are known, and the last two that the pod shows. Pure. */
export function restartFacts(pod: JsonRecord | null, kill: Kill, recent: readonly Kill[]): RestartFacts {
  const status = pod ? containerStatus(pod, kill.subject.container ?? '') : null;
  const known = recent.filter((one) => one.podUid === kill.podUid);
  const shown = [status?.['lastState'], status?.['state']]
    .map(readTermination)
    .filter((end) => end !== null)
    .filter((end) => !known.some((one) => isSameEnd(one, end)));
  const ends = [...known, ...shown].map(({ startedAt, finishedAt, exitCode, reason }) => ({
    startedAt: timeMs(startedAt),
    finishedAt: timeMs(finishedAt),
    exitCode,
    reason,
  }));
  return {
    restartCount: whole(status?.['restartCount']) ?? kill.restartCount,
    ends: ends.toSorted((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0)),
  };
}

/** Two ends can fall into one second, so the time decides only where there is no id. */
function isSameEnd(kill: Kill, end: Termination): boolean {
  return kill.containerId !== null && end.containerId !== null
    ? kill.containerId === end.containerId
    : kill.finishedAt === end.finishedAt;
}

function memoryVolumes(spec: JsonRecord, container: JsonRecord): SpecFacts['memoryVolumes'] {
  const inMemory = new Map(
    records(spec['volumes'])
      .filter((volume) => record(volume['emptyDir'])['medium'] === 'Memory')
      .map((volume) => [text(volume['name']) ?? '', bytesOf(record(volume['emptyDir'])['sizeLimit'])]),
  );
  return records(container['volumeMounts']).flatMap((mount) => {
    const name = text(mount['name']) ?? '';
    const sizeLimitBytes = inMemory.get(name);
    return sizeLimitBytes === undefined ? [] : [{ name, mountPath: texts(mount)['mountPath'] ?? '', sizeLimitBytes }];
  });
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
