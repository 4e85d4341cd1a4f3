import { isObject } from './kubernetes/json-value.ts';

/** Other words for the runtimes that the pretend cluster can imitate. */
const runtimes: Readonly<Record<string, string>> = {
  jvm: 'java',
  nodejs: 'node',
  golang: 'go',
  cpython: 'python',
  c: 'plain',
  dotnet: 'plain',
  none: 'plain',
};

/**
 * What people write and mean: null where nothing is set, `env` as a list of `{name, value}` as in a manifest, another
 * word for a runtime. `expect` is left as it is, since null says something there.
 */
export function usualWords(file: unknown): unknown {
  if (!isObject(file)) return file;
  const { expect, workload, ...rest } = withoutNulls(file);
  return {
    ...rest,
    ...(expect === undefined ? {} : { expect }),
    ...(workload === undefined
      ? {}
      : { workload: isObject(workload) ? usualWorkload(withoutNulls(workload)) : workload }),
  };
}

function usualWorkload(workload: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { env, runtime } = workload;
  return {
    ...workload,
    ...(Array.isArray(env)
      ? { env: Object.fromEntries(env.filter(isObject).map(({ name, value }) => [name, value])) }
      : {}),
    ...(typeof runtime === 'string' ? { runtime: runtimes[runtime] ?? runtime } : {}),
  };
}

function withoutNulls(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
