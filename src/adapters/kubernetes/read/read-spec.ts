import type { RestartFacts, SpecFacts } from '../../../core/evidence/evidence.ts';
import { record, records, text, texts, timeMs, whole } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Kill } from '../../../core/kill/kill.ts';
import { readPod } from '../../../core/kill/pod.ts';
import { readTermination } from '../../../core/kill/termination.ts';
import type { Termination } from '../../../core/kill/termination.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import type { Variable } from '../../../core/recommend/change-words.ts';
import { bytesOf, findContainer, memoryOf } from './container-spec.ts';
import { containerStatus } from './container-status.ts';
import { bounded, boundedOrNull, textBounds } from '../../../core/units/text-bounds.ts';

/** The container's spec from the live pod, with the limit at the kill. Pure. */
export function specFacts(pod: JsonRecord, kill: Trigger): SpecFacts {
  const spec = record(pod['spec']);
  const container = findContainer(spec, kill.subject.container ?? '')?.spec ?? {};
  return {
    limitBytes: kill.limitBytes,
    requestBytes: kill.requestBytes,
    podLimitBytes: memoryOf(spec['resources']).limitBytes,
    qosClass: kill.qosClass,
    image: kill.image,
    ...environmentOf(container),
    args: commandOf(container),
    memoryVolumes: memoryVolumes(spec, container),
  };
}

/** The kill's own facts, for a pod that is gone. Pure. */
export function specOfKill(kill: Trigger): SpecFacts {
  const { limitBytes, requestBytes, qosClass, image } = kill;
  const none = { podLimitBytes: null, env: {}, hiddenEnv: [], envFrom: false, args: [], memoryVolumes: [] };
  return { limitBytes, requestBytes, qosClass, image, ...none };
}

/**
 * The variables of a container: values in its spec, and the names of those that come from elsewhere or are too long.
 * Pure.
 */
export function environmentOf(container: JsonRecord): Pick<SpecFacts, 'env' | 'hiddenEnv' | 'envFrom'> {
  const variables = variablesOf(container);
  return {
    env: Object.fromEntries(variables.flatMap(({ name, value }) => (value === null ? [] : [[name, value]]))),
    hiddenEnv: variables.flatMap(({ name, value }) => (value === null ? [name] : [])),
    envFrom: records(container['envFrom']).length > 0,
  };
}

/** One without a value is the empty string, as in Kubernetes; one that is not seen, or not in full, is null. Pure. */
export function variablesOf(container: JsonRecord): Variable[] {
  return records(container['env']).flatMap((variable) => {
    const name = text(variable['name']);
    const hidden = variable['valueFrom'] !== undefined;
    const value = hidden ? null : (text(variable['value']) ?? '');
    // Cut, it could be written back in part.
    const isSeen = value !== null && value.length <= textBounds.envValue;
    return name === null ? [] : [{ name: bounded(name, 'name'), value: isSeen ? value.toWellFormed() : null }];
  });
}

/** Ends of the container's runs: those of the kills that are known, and the last two that the pod shows. Pure. */
export function restartFacts(pod: JsonRecord | null, kill: Trigger, recent: readonly Kill[]): RestartFacts {
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
    reason: boundedOrNull(reason, 'reason'),
  }));
  return {
    restartCount: whole(status?.['restartCount']) ?? kill.restartCount,
    ends: ends.toSorted((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0)),
    running: pod && runningNow(pod, kill.subject.container),
  };
}

function runningNow(pod: JsonRecord, container: string | null): NonNullable<RestartFacts['running']> | null {
  const view = readPod(pod);
  const own = view?.containers.find(({ name }) => name === container);
  const startedAt = timeMs(own?.startedAt ?? null);
  if (!view || !own || startedAt === null) return null;
  const limits = [own.limitBytes, view.podLimitInForceBytes].filter((bytes) => bytes !== null);
  return { startedAt, limitBytes: limits.length === 0 ? null : Math.min(...limits) };
}

/** Two runs can end in the same second, so the time is only used if there is no id. */
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
    const mountPath = bounded(texts(mount)['mountPath'] ?? '', 'path');
    return sizeLimitBytes === undefined ? [] : [{ name: bounded(name, 'name'), mountPath, sizeLimitBytes }];
  });
}

/** Command and arguments as one line of words, as far as it is read. Pure. */
export function commandOf(container: JsonRecord): string[] {
  let left: number = textBounds.command;
  return [...strings(container['command']), ...strings(container['args'])].flatMap((word) => {
    left -= word.length;
    return left < 0 ? [] : [bounded(word, 'argument')];
  });
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
