import { z } from 'zod';
import { defaulted, needed } from './about-variable.ts';
import { duration, interval, list, url } from './shapes.ts';

/** What is watched, and what usage is read from. */
export const clusterVariables = {
  OOMKEEPER_CLUSTER: needed(z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 of a-z, 0-9 and -'), {
    group: 'first',
    meaning: 'Name of the cluster that this watcher or worker is for, as threads show it.',
    example: 'prod',
    readBy: ['watcher', 'worker'],
    required: ['watcher', 'worker'],
  }),
  KUBECONFIG: defaulted(z.string(), {
    group: 'option',
    meaning: 'Kubeconfig of the cluster. Empty = the usual file, or the service account inside a cluster.',
    fallback: '',
    example: '/home/me/.kube/config',
    readBy: ['watcher', 'worker'],
  }),
  OOMKEEPER_NAMESPACES: defaulted(
    list.pipe(
      z.array(z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be namespace names, separated by commas')),
    ),
    {
      group: 'option',
      meaning: 'Namespaces to watch, separated by commas. Empty = all.',
      fallback: '',
      example: 'shop,payments',
      readBy: ['watcher', 'worker'],
    },
  ),
  OOMKEEPER_PROMETHEUS_URL: defaulted(
    z.union(
      [
        z.literal('').transform(() => ({ is: 'search' as const })),
        z.literal('off').transform(() => ({ is: 'off' as const })),
        url.transform((text) => ({ is: 'url' as const, url: text })),
      ],
      'must be an http or https URL, or off',
    ),
    {
      group: 'option',
      meaning: 'Prometheus-compatible API to read memory usage from. Empty = found automatically; off = none.',
      fallback: '',
      example: 'http://prometheus.monitoring:9090',
      readBy: ['worker'],
    },
  ),
  OOMKEEPER_KUBELET_METRICS: defaulted(z.enum(['on', 'off'], 'must be on or off'), {
    group: 'option',
    meaning:
      'on = without a Prometheus, ask each kubelet how many OOM kills it counted (needs get nodes/metrics and list nodes).',
    fallback: 'off',
    example: 'on',
    readBy: ['worker'],
  }),
  OOMKEEPER_LOOK_BACK: defaulted(duration, {
    group: 'limit',
    meaning: 'Kills older than this when the watcher starts are not reported.',
    fallback: '1h',
    example: '1h',
    readBy: ['watcher', 'worker'],
  }),
  OOMKEEPER_SAMPLE_EVERY: defaulted(interval, {
    group: 'limit',
    meaning: 'How often usage is read to warn before a kill; without a Prometheus it is sampled from metrics.k8s.io.',
    fallback: '30s',
    example: '30s',
    readBy: ['worker'],
  }),
  OOMKEEPER_FORECAST_WITHIN: defaulted(
    z.union([z.enum(['off', '0']).transform(() => 0), duration], 'must be a duration such as 4h, or off'),
    {
      group: 'limit',
      meaning: 'Warn when a container will reach its memory limit within this time at its present growth. off = never.',
      fallback: '4h',
      example: '4h',
      readBy: ['worker'],
    },
  ),
};
