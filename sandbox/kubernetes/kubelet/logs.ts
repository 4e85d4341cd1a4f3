import type { ContainerRun, Instance, PodRun } from './run.ts';
import { demandAt } from './program.ts';

export interface LogQuery {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
}

/** The kubelet, as far as logs go: a text, or with 400 why there is none, of which the API server makes a Status. */
export interface LogSource {
  readonly logs: (query: LogQuery) => { readonly status: number; readonly body: string };
}

type LogAnswer = ReturnType<LogSource['logs']>;

/** How a program writes: its language decides the look of the lines. */
export type Runtime = 'java' | 'node' | 'python' | 'go' | 'dotnet' | 'plain';

const longestLog = 400;

/** `pods/log` of a container that the pod has, with the kubelet's own answers where there is no log (recorded). */
export function podLog(run: PodRun, query: LogQuery, runtime: Runtime, now: number): LogAnswer {
  const container = run.containers.find(({ spec }) => spec.name === query.container);
  if (container === undefined) return badRequest(`container ${query.container} is not valid for pod ${run.name}`);
  return query.previous
    ? previousLog(run, container, query, runtime, now)
    : currentLog(run, container, query, runtime, now);
}

function currentLog(run: PodRun, container: ContainerRun, query: LogQuery, runtime: Runtime, now: number): LogAnswer {
  const { state, spec } = container;
  const instance = container.instances.at(-1);
  if (instance === undefined) {
    const reason = state.kind === 'waiting' ? state.reason : 'ContainerCreating';
    return badRequest(`container "${spec.name}" in pod "${run.name}" is waiting to start: ${reason}`);
  }
  return text(instance, query, runtime, now);
}

/** The run before: while the second is dead but not yet replaced, the one before it is already removed (recorded). */
function previousLog(run: PodRun, container: ContainerRun, query: LogQuery, runtime: Runtime, now: number): LogAnswer {
  const { state, spec, lastTermination, instances } = container;
  const ended = instances.filter(({ endedAt }) => endedAt !== null).at(-1);
  if (lastTermination !== null && state.kind === 'terminated') {
    return { status: 200, body: `unable to retrieve container logs for ${lastTermination.containerID}` };
  }
  if (lastTermination === null || ended === undefined) {
    return badRequest(`previous terminated container "${spec.name}" in pod "${run.name}" not found`);
  }
  return text(ended, query, runtime, now);
}

function text(instance: Instance, query: LogQuery, runtime: Runtime, now: number): LogAnswer {
  const lines = logLines(instance, runtime, now);
  const kept = query.tailLines === undefined ? lines : lines.slice(Math.max(0, lines.length - query.tailLines));
  const all = kept.map((line) => `${line}\n`).join('');
  const body = query.limitBytes === undefined ? all : Buffer.from(all).subarray(0, query.limitBytes).toString();
  return { status: 200, body };
}

/** The log of an instance until now: a start, a line every virtual second, and no word of its own kill. */
function logLines(instance: Instance, runtime: Runtime, now: number): string[] {
  const end = instance.endedAt ?? now;
  const stepMs = Math.ceil(Math.max(1000 / instance.pace, (end - instance.startedAt) / longestLog, 1));
  const write = writers[runtime];
  const lines = [{ at: instance.startedAt, text: write(instance.startedAt, 0, 'starting') }];
  for (let at = instance.startedAt + stepMs; at < end; at += stepMs) {
    const age = (at - instance.startedAt) * instance.pace;
    lines.push({ at, text: write(at, demandAt(instance.program, age), 'handled requests') });
  }
  // What a supervisor says of a worker that the kernel has killed.
  const told = instance.childKills.map((at) => ({ at, text: write(at, 0, 'worker was terminated by signal 9') }));
  const texts = [...lines, ...told].toSorted((a, b) => a.at - b.at).map(({ text: line }) => line);
  if (instance.ending === 'liveness') texts.push(write(end, 0, 'health check timed out'));
  const { givesUp } = instance.program;
  if (instance.ending === 'exited' && givesUp !== undefined) texts.push(givesUp.words);
  if (instance.ending === 'stopped') texts.push(write(end, 0, 'received SIGTERM, shutting down'));
  return texts;
}

const writers: Readonly<Record<Runtime, (at: number, bytes: number, message: string) => string>> = {
  java: (at, bytes, message) =>
    `${iso(at).replace('T', ' ').replace('Z', '')}  INFO 1 --- [main] c.e.Application : ${message}${used(bytes, ' heapUsed=', 'M')}`,
  node: (at, bytes, message) =>
    JSON.stringify({ level: 'info', time: at, msg: message, ...(bytes > 0 ? { heapMb: mebi(bytes) } : {}) }),
  python: (at, bytes, message) => `[${iso(at)}] [1] [INFO] ${message}${used(bytes, ' rss=', 'MB')}`,
  go: (at, bytes, message) => `time=${iso(at)} level=INFO msg="${message}"${used(bytes, ' heap_mb=', '')}`,
  dotnet: (at, bytes, message) =>
    `${iso(at).slice(11, 19)} info: Shop.Service[0] ${message}${used(bytes, ' heap=', 'MB')}`,
  plain: (at, bytes, message) => `${iso(at)} INFO ${message}${used(bytes, ' heap_mb=', '')}`,
};

function used(bytes: number, before: string, after: string): string {
  return bytes > 0 ? `${before}${mebi(bytes)}${after}` : '';
}

function mebi(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function badRequest(body: string): LogAnswer {
  return { status: 400, body };
}
