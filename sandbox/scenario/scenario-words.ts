import { isObject } from '../kubernetes/objects/json-value.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The runtimes that the pretend cluster can imitate, and other words for them; any other has no look of its own. */
const runtimes: Readonly<Record<string, string>> = {
  java: 'java',
  jvm: 'java',
  node: 'node',
  nodejs: 'node',
  'node.js': 'node',
  go: 'go',
  golang: 'go',
  python: 'python',
  cpython: 'python',
};

/** Other words for what happens. */
const otherEvents: Readonly<Record<string, string>> = {
  'child-kill': 'kill-child',
  'child-killed': 'kill-child',
  childkilled: 'kill-child',
  'kill-process': 'kill-child',
  systemoom: 'system-oom',
  'node-oom': 'system-oom',
  'node-pressure': 'memory-pressure',
  memorypressure: 'memory-pressure',
};

/**
 * What people write and mean: null where nothing is set, `env` as a list of `{name, value}` and volumes and probes as
 * in a manifest, another word for a runtime, a program by revision in any of its forms. Where a word could mean two
 * things it is left as it is, and the schema says what is wrong with it.
 */
export function usualWords(file: unknown): unknown {
  if (!isObject(file)) return file;
  const { expect, workload, program, events, people, ...rest } = withoutNulls(file);
  return {
    ...rest,
    ...given('expect', expect, usualExpectations),
    ...given('workload', workload, usualWorkload),
    ...given('program', program, usualProgram),
    ...given('events', events, usualEvents),
    ...given('people', people, eachWithoutNulls),
  };
}

function given(key: string, value: unknown, usual: (value: unknown) => unknown): Fields {
  return value === undefined ? {} : { [key]: usual(value) };
}

/** Null says something about a verdict; of a count it says that there is nothing to count. A thread has a kill. */
function usualExpectations(expect: unknown): unknown {
  if (!isObject(expect)) return expect;
  const { threads, kills, ...rest } = expect;
  const roots = threads === null ? 0 : threads;
  return { ...rest, ...(roots === undefined ? {} : { threads: roots }), kills: kills ?? (Number(roots) > 0 ? 1 : 0) };
}

function usualWorkload(workload: unknown): unknown {
  if (!isObject(workload)) return workload;
  const { env, runtime, probe, volumes, owner, ...rest } = withoutNulls(workload);
  return {
    ...rest,
    ...given('env', env, usualEnv),
    ...given('runtime', runtime, (word) =>
      typeof word === 'string' ? (runtimes[word.toLowerCase()] ?? 'plain') : word,
    ),
    ...given('probe', probe, usualProbe),
    ...given('volumes', volumes, (list) => (Array.isArray(list) ? list.map(usualVolume) : list)),
    ...given('owner', owner, (who) => (isObject(who) ? (who['kind'] ?? who['name']) : who)),
  };
}

function usualEnv(env: unknown): unknown {
  const pairs = Array.isArray(env)
    ? env.filter(isObject).map(({ name, value }): [string, unknown] => [String(name), value ?? ''])
    : isObject(env)
      ? Object.entries(env)
      : null;
  if (pairs === null) return env;
  return Object.fromEntries(pairs.map(([name, value]) => [name, isPlain(value) ? String(value) : value]));
}

function isPlain(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

/** Only liveness can be probed; a probe with the field names of a manifest counts in seconds. */
function usualProbe(probe: unknown): unknown {
  if (probe === true) return 'liveness';
  if (probe === false) return null;
  if (!isObject(probe)) return probe;
  const inner = probe['liveness'] ?? probe['livenessProbe'];
  if (isObject(inner)) return usualProbe(inner);
  const { period, periodSeconds, failures, failureThreshold, ...rest } = withoutNulls(probe);
  const { kind: _kind, type: _type, liveness: _liveness, ...unknown } = rest;
  return { ...unknown, period: period ?? periodSeconds ?? '10s', failures: failures ?? failureThreshold ?? 3 };
}

function usualVolume(volume: unknown): unknown {
  if (!isObject(volume)) return volume;
  const { emptyDir, size, sizeLimit, path, mountPath, medium, type: _type, ...rest } = withoutNulls(volume);
  const inner = isObject(emptyDir) ? withoutNulls(emptyDir) : {};
  const kept = medium ?? inner['medium'];
  const limit = sizeLimit ?? size ?? inner['sizeLimit'];
  const mount = mountPath ?? path;
  return {
    ...rest,
    ...(mount === undefined ? {} : { mountPath: mount }),
    ...(kept === undefined ? {} : { medium: kept === 'memory' ? 'Memory' : kept }),
    ...(limit === undefined ? {} : { sizeLimit: limit }),
  };
}

/**
 * A program as one list of points, from any way of saying which revision they belong to: `revision` in each point,
 * an object of lists (`1: [...]`), a list of lists, or a list of `{revision, program}`.
 */
function usualProgram(program: unknown): unknown {
  if (isObject(program)) {
    const parts = Object.entries(program);
    const numbered = parts.every(([key]) => /^(?:revision[-_ ]?)?\d+$/.test(key));
    if (!numbered) return program;
    return parts.flatMap(([key, points]) => pointsOf(points, Number(/\d+$/.exec(key)?.[0])));
  }
  if (!Array.isArray(program)) return program;
  return program.flatMap((part: unknown, index) => {
    if (Array.isArray(part)) return pointsOf(part, index + 1);
    if (!isObject(part)) return [part];
    const points = part['program'] ?? part['points'];
    return points === undefined ? pointsOf([part]) : pointsOf(points, part['revision'] ?? index + 1);
  });
}

function pointsOf(points: unknown, revision?: unknown): readonly unknown[] {
  if (!Array.isArray(points)) return [points];
  return points.map((point: unknown) => {
    if (!isObject(point)) return point;
    const { revision: own, ...rest } = point;
    const of = own ?? revision;
    return of === undefined ? rest : { ...rest, revision: of };
  });
}

function usualEvents(events: unknown): unknown {
  const list = eachWithoutNulls(events);
  if (!Array.isArray(list)) return list;
  return list.map((one: unknown) =>
    isObject(one) ? { ...one, ...given('do', one['do'], usualEvent), ...given('env', one['env'], usualEnv) } : one,
  );
}

function usualEvent(what: unknown): unknown {
  return typeof what === 'string' ? (otherEvents[what.toLowerCase()] ?? what) : what;
}

function eachWithoutNulls(list: unknown): unknown {
  return Array.isArray(list) ? list.map((one: unknown) => (isObject(one) ? withoutNulls(one) : one)) : list;
}

function withoutNulls(object: Fields): Fields {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
