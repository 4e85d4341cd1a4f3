import type { About } from '../config/about-variable.ts';
import { chartValueOf, redisValues } from '../config/chart-values.ts';
import { aboutVariables } from '../config/variables.ts';

/** How to fix something: a sentence, and what does it where Oomkeeper was installed by Helm or by Kustomize. */
export interface Mend {
  readonly text: string;
  /** A command line; null where the chart has nothing to do with it. */
  readonly helm: string | null;
  /** What to write into the overlay, and the command that applies it. */
  readonly kustomize: string | null;
}

/** What neither the chart nor the manifests can fix. */
export function byHand(text: string): Mend {
  return { text, helm: null, kustomize: null };
}

/**
 * Fixed by setting variables, each to this value; `flags` are what the chart needs beside them. `text` says so for
 * whoever sets them without either.
 */
export function bySetting(text: string, values: Readonly<Record<string, string>>, flags: readonly string[] = []): Mend {
  const given = aboutVariables().flatMap(([name, about]) => {
    const value = values[name];
    return value === undefined ? [] : [{ name, about, value }];
  });
  const edits = given.flatMap(({ name, about, value }) =>
    about.secret ? about.readBy.map((one) => inFile(one, name, value)) : [inLiterals(name, value)],
  );
  return {
    text,
    helm: helmUpgrade([...flags, ...given.flatMap(({ name, about, value }) => flagOf(name, about, value))]),
    kustomize: inOverlay(edits),
  };
}

/** What gives the chart the same as each component of deploy/kubernetes. */
const components = { act: '--set mode=act', 'kubelet-metrics': '--set kubeletMetrics=true' } as const;

/** Fixed by a component of deploy/kubernetes, and by the chart's value that does the same. */
export function byComponent(text: string, component: keyof typeof components): Mend {
  const kustomize = inOverlay([`add to components: deploy/kubernetes/components/${component}`]);
  return { text, helm: helmUpgrade([components[component]]), kustomize };
}

/** Fixed by rights in these namespaces, the ones that are watched. */
export function byNamespaces(text: string, namespaces: readonly string[]): Mend {
  return {
    text,
    helm: helmUpgrade([`--set 'namespaces={${namespaces.join(',')}}'`]),
    kustomize: inOverlay([
      'add to components: deploy/kubernetes/components/one-namespace',
      inLiterals('OOMKEEPER_NAMESPACES', namespaces.join(',')),
    ]),
  };
}

/** Fixed by installing the same again: what chart and base make was taken away by somebody. */
export function byApplying(text: string): Mend {
  return { text, helm: helmUpgrade([]), kustomize: inOverlay([]) };
}

/** Fixed in the policy file. */
export function byPolicy(text: string): Mend {
  return {
    text,
    helm: helmUpgrade(['--set-file policy=policy.yaml']),
    kustomize: inOverlay(['change policy.yaml of configMapGenerator oomkeeper-policy']),
  };
}

/** Fixed by another URL of Redis for each process. */
export function byRedisUrl(text: string): Mend {
  const url = 'redis://USER:PASSWORD@HOST:6379';
  return {
    text,
    helm: helmUpgrade(['--set redis.enabled=false', ...redisValues.map((path) => `--set ${path}=${url}`)]),
    kustomize: inOverlay(['watcher', 'worker', 'bot'].map((one) => inFile(one, 'REDIS_URL', url))),
  };
}

/** Fixed by the Redis that chart and manifests bring along, which is empty at first: on disk, and it evicts nothing. */
export function byOwnRedis(text: string): Mend {
  return {
    text,
    helm: helmUpgrade([
      '--set redis.enabled=true --set redis.existingSecret=',
      ...redisValues.map((path) => `--set ${path}=`),
    ]),
    kustomize: inOverlay(['add to resources: deploy/kubernetes/redis']),
  };
}

function helmUpgrade(flags: readonly string[]): string {
  return ['helm upgrade oomkeeper CHART -n oomkeeper --reset-then-reuse-values', ...flags].join(' ');
}

function flagOf(name: string, about: About, value: string): readonly string[] {
  const chart = chartValueOf(name, about);
  if (chart === null) return [];
  const { path, as } = chart;
  switch (as) {
    case 'list':
      return [`--set '${path}={${value}}'`];
    case 'switch':
      return [`--set ${path}=${value === 'on'}`];
    case 'file':
      return [`--set-file ${path}=${path === 'policy' ? 'policy.yaml' : 'key.pem'}`];
    case 'text':
      return [`--set-string '${path}=${value.replaceAll(',', String.raw`\,`)}'`];
  }
}

function inLiterals(name: string, value: string): string {
  return `set in literals: ${name}=${value}`;
}

function inFile(process: string, name: string, value: string): string {
  return `set in ${process}.env: ${name}=${value}`;
}

/** What to write where in an overlay like deploy/kubernetes/example-overlay, and how it is applied. */
function inOverlay(edits: readonly string[]): string {
  return [...edits, 'kubectl apply -k .'].join('; ');
}
