import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../scripts/project.mjs';
import { readConfig } from '../../src/app/config/config.ts';
import { aboutVariables } from '../../src/app/config/variables.ts';
import { checkTypes } from './check-types.ts';
import { kindFor } from './known-kinds.ts';
import { ofKind, type Rendered } from './render.ts';
import { folders, rendered, sets } from './sets.ts';
import { labelsSchema, workloads, workloadSchema } from './workloads.ts';

const processes = ['watcher', 'worker', 'bot'] as const;

function dataOf(objects: readonly Rendered[]): Record<string, string> {
  const [config] = ofKind(objects, 'ConfigMap');
  return labelsSchema.parse(config?.['data']);
}

/** `selector` as a Service, a policy or a budget gives it. */
function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

describe('what kustomize and helm render', () => {
  test.for(sets)('%s: each object is one that its API version allows', async (folder, context) => {
    const objects = await rendered(context, folder);

    const complaints = objects.map((object) => kindFor(object).complaint(object));

    expect(objects.length).toBeGreaterThan(2);
    expect(complaints.filter((complaint) => complaint !== null)).toEqual([]);
  });

  test('no object has a field that Kubernetes does not know', async (context) => {
    const objects = await Promise.all(sets.map(async (set) => rendered(context, set)));
    const [base = []] = objects;
    const [first] = ofKind(base, 'Deployment');
    const spoilt = { ...first, spec: { ...workloadSchema.parse(first).spec, replicaz: 2 } };

    const typed = (object: Rendered) => ({
      type: `import('kubernetes-models/${object.apiVersion}/${object.kind}').I${object.kind}`,
      value: object,
    });
    // Those of the Prometheus operator are held to the fields that they may have by their own schemas.
    const withTypes = objects.flat().filter(({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com/'));
    const found = await checkTypes(withTypes.map(typed));
    const ofSpoilt = await checkTypes([typed({ ...first, ...spoilt } as Rendered)]);

    expect(found).toEqual([]);
    expect(ofSpoilt.join('\n')).toMatch(/replicaz\W+ does not exist/);
  });

  test.for(sets)(
    '%s: pods are restricted, run as somebody, and each selector selects them',
    async (folder, context) => {
      const objects = await rendered(context, folder);
      const all = [...workloads(objects).values()];

      const ofServices = ofKind(objects, 'Service').map(
        ({ spec }) => z.looseObject({ selector: labelsSchema }).parse(spec).selector,
      );
      const wanted = z.looseObject({ selector: z.looseObject({ matchLabels: labelsSchema }) });
      const ofBudgets = ofKind(objects, 'PodDisruptionBudget').map(
        ({ spec }) => wanted.parse(spec).selector.matchLabels,
      );
      const policy = z.looseObject({ podSelector: z.looseObject({ matchLabels: labelsSchema }) });
      const ofPolicies = ofKind(objects, 'NetworkPolicy').map(({ spec }) => policy.parse(spec).podSelector.matchLabels);

      expect(all.length).toBeGreaterThan(0);
      for (const { spec, labels } of all) expect(selects(spec.selector.matchLabels, labels)).toBe(true);
      const idle = [...ofServices, ...ofBudgets, ...ofPolicies].filter(
        (selector) => !all.some(({ labels }) => selects(selector, labels)),
      );
      expect(idle).toEqual([]);
      for (const { labels } of all) expect(ofPolicies.some((selector) => selects(selector, labels))).toBe(true);
      const elsewhere = objects.filter(
        ({ kind, metadata }) =>
          metadata.namespace !== 'oomkeeper' && !/^(Cluster|Namespace|Role|ValidatingAdmission)/.test(kind),
      );
      expect(elsewhere).toEqual([]);
    },
  );

  test('the namespace takes no pod that is not restricted', async (context) => {
    const [namespace] = ofKind(await rendered(context, 'base'), 'Namespace');

    expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  test('the three processes run one image, each with its own account and Secret, and answer their probes', async (context) => {
    const found = workloads(await rendered(context, 'base'));

    const images = processes.map((name) => found.get(`oomkeeper-${name}`)?.container.image);
    expect(new Set(images).size).toBe(1);
    expect(images[0]).toMatch(/^oomkeeper:\d+\.\d+\.\d+$/);
    for (const name of processes) {
      const { pod, container } = found.get(`oomkeeper-${name}`) ?? {};
      expect(container?.args).toEqual([name]);
      expect(pod?.serviceAccountName).toBe(`oomkeeper-${name}`);
      expect(container?.envFrom.flatMap(({ secretRef }) => secretRef?.name ?? [])).toEqual([`oomkeeper-${name}`]);
      expect(container?.ports).toContainEqual({ name: 'ops', containerPort: 9464 });
      expect(container?.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'ops' });
      expect(container?.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'ops' });
      expect(container?.resources.requests.memory).toBe(container?.resources.limits.memory);
    }
    expect(found.get('oomkeeper-bot')?.pod.automountServiceAccountToken).toBe(false);
    const port = aboutVariables().find(([name]) => name === 'OOMKEEPER_OPS_PORT')?.[1];
    expect(port?.fallback).toBe('9464');
  });

  test.for([
    ['base', 'observe', []],
    ['overlays/act', 'act', []],
    ['overlays/one-namespace', 'observe', ['shop']],
  ] as const)(
    '%s: its configuration is one that the processes start with',
    async ([folder, mode, namespaces], context) => {
      const data = dataOf(await rendered(context, folder));
      const secrets = {
        SLACK_BOT_TOKEN: 'xoxb-1',
        SLACK_APP_TOKEN: 'xapp-1',
        REDIS_URL: 'redis://oomkeeper-redis:6379',
      };

      const config = readConfig({ ...data, ...secrets }, processes);

      expect(config).toMatchObject({
        OOMKEEPER_MODE: mode,
        OOMKEEPER_NAMESPACES: namespaces,
        OOMKEEPER_CLUSTER: 'prod',
      });
    },
  );

  test('what Kubernetes sets for a Service of the namespace would keep the processes from starting, so pods refuse it', async (context) => {
    const [service] = ofKind(await rendered(context, 'redis'), 'Service');
    const linked = `${(service?.metadata.name ?? '').toUpperCase().replaceAll('-', '_')}_PORT`;
    const data = dataOf(await rendered(context, 'base'));

    expect(() => readConfig({ ...data, [linked]: 'tcp://10.96.0.7:6379' }, ['watcher'])).toThrow(linked);
    for (const { pod } of workloads(await rendered(context, 'base')).values())
      expect(pod.enableServiceLinks).toBe(false);
  });

  test('every ConfigMap that is referred to is among the objects, and every Secret in the example overlay', async (context) => {
    const overlay = await readFile(join(projectRoot, 'deploy/kubernetes/example-overlay/kustomization.yaml'), 'utf8');
    for (const folder of folders) {
      const objects = await rendered(context, folder);
      const text = JSON.stringify(objects);
      const configMaps = [...text.matchAll(/"configMap(?:Ref)?":\{"name":"([^"]+)"(?!,"optional":true)/g)].map(
        ([, name]) => name,
      );
      const secrets = [...text.matchAll(/"(?:secretRef":\{"name|secretName)":"([^"]+)"/g)].map(
        ([, name]) => name ?? '',
      );

      for (const name of configMaps)
        expect(ofKind(objects, 'ConfigMap').map(({ metadata }) => metadata.name)).toContain(name);
      expect(secrets.length).toBeGreaterThan(0);
      for (const name of secrets) expect(overlay).toContain(`- name: ${name}\n`);
    }
  });
});
