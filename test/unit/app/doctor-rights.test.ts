import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../../../scripts/project.mjs';
import { kubeletRights, usedRights } from '../../../src/adapters/kubernetes/read/rights.ts';
import { botScopes } from '../../../src/adapters/slack/scopes.ts';

/* What doctor asks for is what deploy/ grants: neither a right that nobody has, nor one that nobody asks about. */

const ruleSchema = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
});
type Rule = z.infer<typeof ruleSchema>;
const roleSchema = z.object({ kind: z.literal('ClusterRole'), rules: z.array(ruleSchema) });

const read = (path: string): Promise<string> => readFile(join(projectRoot, 'deploy', path), 'utf8');

async function objectsIn(path: string): Promise<readonly unknown[]> {
  return parseAllDocuments(await read(path)).map((document) => z.unknown().parse(document.toJS()));
}

/** Rules of the ClusterRoles in a file of `deploy/kubernetes`. */
async function rulesIn(path: string): Promise<readonly Rule[]> {
  return (await objectsIn(path)).flatMap((object) => roleSchema.safeParse(object).data?.rules ?? []);
}

/** Rules that a component adds to the worker's. */
async function rulesOf(component: string): Promise<readonly Rule[]> {
  const schema = z.object({ patches: z.array(z.object({ patch: z.string() })) });
  const { patches } = schema.parse(parse(await read(`kubernetes/components/${component}/kustomization.yaml`)));
  return patches.flatMap(({ patch }) =>
    z
      .array(z.object({ value: z.unknown() }))
      .parse(parse(patch))
      .flatMap(({ value }) => ruleSchema.safeParse(value).data ?? []),
  );
}

function lines(rules: readonly Rule[]): readonly string[] {
  const all = rules.flatMap(({ verbs, apiGroups, resources }) =>
    apiGroups.flatMap((group) => resources.flatMap((one) => verbs.map((verb) => `${verb} ${one}.${group}`))),
  );
  return all.toSorted();
}

function asked(process: string, isAct: boolean): readonly string[] {
  const rights = usedRights.filter((one) => one.process === process && (one.need === 'act') === isAct);
  return rights.map(({ verb, resource, group }) => `${verb} ${resource}.${group}`).toSorted();
}

test('doctor asks for the rights that the manifests grant the watcher and the worker', async () => {
  expect(asked('watcher', false)).toEqual(lines(await rulesIn('kubernetes/base/watcher-rights.yaml')));
  expect(asked('worker', false)).toEqual(lines(await rulesIn('kubernetes/base/worker-rights.yaml')));
});

test('what it asks for in mode act is what the component act adds', async () => {
  expect(asked('worker', true)).toEqual(lines(await rulesOf('act')));
  expect(asked('watcher', true)).toEqual([]);
});

test('in one namespace it asks there, except for what is granted in all of them', async () => {
  const objects = await objectsIn('kubernetes/base/worker-rights.yaml');
  const named = z.object({
    kind: z.literal('ClusterRole'),
    metadata: z.object({ name: z.literal('oomkeeper-worker-cluster') }),
  });
  const everywhere = objects.filter((one) => named.safeParse(one).success).map((one) => roleSchema.parse(one).rules);

  const rights = usedRights.filter(({ process, namespaced }) => process === 'worker' && !namespaced);

  expect(rights.map(({ verb, resource, group }) => `${verb} ${resource}.${group}`).toSorted()).toEqual(
    lines(everywhere.flat()),
  );
});

test('no right is asked for twice, and each says what it is for', () => {
  const names = usedRights.map(({ process, verb, group, resource }) => [process, verb, group, resource].join(' '));

  expect(new Set(names).size).toBe(names.length);
  expect(usedRights.filter(({ why }) => !why.startsWith('to '))).toEqual([]);
});

test('doctor asks for the scopes that the app manifest asks for', async () => {
  const schema = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) });
  const { oauth_config: config } = schema.parse(parse(await read('slack/manifest.yaml')));

  expect(Object.keys(botScopes).toSorted()).toEqual(config.scopes.bot.toSorted());
});

test('what it asks for where kubelets are asked is what the component kubelet-metrics adds', async () => {
  const added = await rulesOf('kubelet-metrics');

  expect(
    kubeletRights.map(({ process, verb, resource, group }) => `${process} ${verb} ${resource}.${group}`).toSorted(),
  ).toEqual(lines(added).map((line) => `worker ${line}`));
});
