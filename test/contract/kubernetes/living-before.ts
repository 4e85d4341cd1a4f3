import type { NewObject } from '../../../sandbox/kubernetes/objects/object-store.ts';

const container = {
  name: 'app',
  image: 'localhost/demo:1',
  resources: { requests: { cpu: '5m', memory: '16Mi' }, limits: { memory: '16Mi' } },
};

/** What ran before the first exchange of a transcript that is replayed to a living cluster. */
export const livingBefore = {
  rollout: [namespace('tr-rollout2'), statefulSet('tr-rollout2', 'db')],
  evict: [
    namespace('tr-evict2'),
    namespace('tr-gone'),
    ...['guard1', 'free', 'old', 'zero'].map((name) => pod(name, 5)),
    pod('stub', 3),
    pod('force', 30),
    pod('unsched', 2, { nodeSelector: { none: 'such' } }),
  ],
} satisfies Readonly<Record<string, readonly NewObject[]>>;

function namespace(name: string): NewObject {
  return { kind: 'Namespace', apiVersion: 'v1', metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } };
}

function statefulSet(home: string, name: string): NewObject {
  const labels = { app: name };
  const spec = { replicas: 1, serviceName: name, selector: { matchLabels: labels } };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  return {
    kind: 'StatefulSet',
    apiVersion: 'apps/v1',
    metadata: { name, namespace: home },
    spec: { ...spec, template },
  };
}

function pod(name: string, graceSeconds: number, parts: Readonly<Record<string, unknown>> = {}): NewObject {
  const metadata = { name, namespace: 'tr-evict2', labels: { app: name.replace(/\d$/, '') } };
  // What the admission of ServiceAccounts would have put in.
  const token = { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true };
  const containers = [{ ...container, volumeMounts: [token] }];
  const spec = { terminationGracePeriodSeconds: graceSeconds, containers, ...parts };
  return { kind: 'Pod', apiVersion: 'v1', metadata, spec };
}
