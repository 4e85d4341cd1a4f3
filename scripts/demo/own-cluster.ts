import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { usedRights } from '../../src/adapters/kubernetes/read/rights.ts';
import type { Right } from '../../src/adapters/kubernetes/read/rights.ts';
import { mayI } from '../../src/adapters/kubernetes/read/review-access.ts';
import { connect } from '../../src/adapters/kubernetes/transport/connect.ts';
import type { Transport } from '../../src/adapters/kubernetes/transport/transport.ts';
import { connectOptions } from '../../src/app/connect-options.ts';
import { aboutVariables } from '../../src/app/config/variables.ts';
import { Failure } from '../../src/core/failure.ts';
import { record, records, text } from '../../src/core/kill/json-read.ts';
import { nearest } from '../../src/core/talk/edit-distance.ts';

/** Which cluster is to be watched, as it was typed. */
export interface OwnClusterOptions {
  /** Absolute path. */
  readonly kubeconfig: string;
  /** Null = the current one. */
  readonly context: string | null;
  /** None = all. */
  readonly namespaces: readonly string[];
}

export interface OwnCluster {
  /** How threads call it. */
  readonly name: string;
  readonly server: string;
  /** For KUBECONFIG: with the context that was chosen. */
  readonly kubeconfig: string;
  /** What is missing that a thread can do without; sentences. */
  readonly notes: readonly string[];
}

const deadlineMs = 10_000;
const mostNamed = 8;

/**
 * Looks whether a cluster can be watched, before anything is started. Only asks: nothing is written. `folder` is where a
 * file may be left that chooses the context.
 * @throws Failure with what is wrong and what to do
 */
export async function openOwnCluster(
  { kubeconfig, context, namespaces }: OwnClusterOptions,
  folder: string,
): Promise<OwnCluster> {
  if (!existsSync(kubeconfig))
    throw new Failure('no-kubeconfig', `There is no file ${kubeconfig}; --kubeconfig names the one to read.`);
  const { contexts, current } = await contextsIn(kubeconfig);
  if (context !== null && !contexts.includes(context)) throw noContext(context, contexts, kubeconfig);
  const path = context === null ? kubeconfig : await chosen(context, kubeconfig, folder);
  const transport = await connect(connectOptions({ KUBECONFIG: path }));
  await transport.json({ path: '/version', deadlineMs });
  const missing = await missingRights(transport, namespaces);
  const needed = missing.filter(({ need }) => need === 'must');
  if (needed.length > 0) throw lacking(needed, namespaces);
  return {
    name: clusterName(context ?? current ?? basename(kubeconfig)),
    server: transport.server,
    kubeconfig: path,
    notes: missing.map((right) => `Without the right to ${rightWords(right)}: it is needed ${right.why}.`),
  };
}

/** The kubeconfig's own file and what it says; a file that is no kubeconfig is told of by whoever connects. */
async function contextsIn(
  path: string,
): Promise<{ readonly contexts: readonly string[]; readonly current: string | null }> {
  let document: unknown;
  try {
    document = parse(await readFile(path, 'utf8'));
  } catch {
    document = null;
  }
  return {
    contexts: records(record(document)['contexts']).flatMap(({ name }) => text(name) ?? []),
    current: text(record(document)['current-context']),
  };
}

function noContext(context: string, contexts: readonly string[], path: string): Failure {
  const [close] = nearest(context, contexts, 1, 3);
  const meant = close === undefined ? '' : ` Did you mean ${close}?`;
  const named = contexts.slice(0, mostNamed).join(', ');
  const there = contexts.length === 0 ? 'none' : contexts.length > mostNamed ? `${named}, …` : named;
  return new Failure('no-kubeconfig', `${path} has no context "${context}".${meant} It has: ${there}.`);
}

/** Of several files the first that names a current context decides; paths in the other one stay relative to it. */
async function chosen(context: string, kubeconfig: string, folder: string): Promise<string> {
  const path = join(folder, 'context.yaml');
  await writeFile(path, `${JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': context })}\n`);
  return [path, kubeconfig].join(delimiter);
}

async function missingRights(transport: Transport, namespaces: readonly string[]): Promise<readonly Right[]> {
  const reading = usedRights.filter(({ need }) => need !== 'act');
  const answers = await Promise.all(
    reading.map(async (right) => {
      const places = right.namespaced && namespaces.length > 0 ? namespaces : [null];
      const each = await Promise.all(places.map((place) => mayI(transport, right, place, deadlineMs)));
      return each.every(({ allowed }) => allowed);
    }),
  );
  const missing = reading.filter((_, index) => answers[index] === false);
  // The same right may be used by two processes.
  return missing.filter((right, index) => missing.findIndex((one) => rightWords(one) === rightWords(right)) === index);
}

function lacking(rights: readonly Right[], namespaces: readonly string[]): Failure {
  const where = namespaces.length === 0 ? 'in all namespaces' : `in ${namespaces.join(', ')}`;
  const advice =
    namespaces.length === 0
      ? 'Where you have them in some namespaces only, give --namespace; else ask for the ClusterRole "view".'
      : 'Ask for the ClusterRole "view" there.';
  const each = rights.map((right) => `- ${rightWords(right)}: ${right.why}`).join('\n');
  return new Failure('cluster-forbidden', `Your account lacks rights ${where}:\n${each}\n${advice}`);
}

function rightWords({ verb, resource, group }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}

/** What gives a kill in the cluster that is watched, and in a namespace that is. It knows the current context only. */
export function tryKillCommand({ kubeconfig, context, namespaces }: OwnClusterOptions): string {
  const [first] = namespaces;
  const where = first === undefined ? '' : ` --namespace ${first}`;
  const command = 'npm run -s oomkeeper -- try-kill';
  return context === null
    ? `${command} --kubeconfig ${kubeconfig}${where}`
    : `${command} --print${where} | kubectl --kubeconfig ${kubeconfig} --context ${context} apply -f -`;
}

/** A context's name in the characters that a cluster's name may have: `arn:aws:eks:…/prod` is `prod`. */
export function clusterName(context: string): string {
  const last = context.split('/').at(-1) ?? '';
  const name = last
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(-40)
    .replace(/^-|-$/g, '');
  return name === '' ? 'cluster' : name;
}

/**
 * What the processes that read the cluster inherit: a plug-in of the kubeconfig may need any variable of the shell. Ours
 * are left out, since they may lead to the Slack, the GitHub or the PagerDuty of somebody's real installation.
 */
export function inherited(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const ours = new Set([...aboutVariables().map(([name]) => name), 'NODE_OPTIONS']);
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || ours.has(name) || name.startsWith('OOMKEEPER_') ? [] : [[name, value]],
    ),
  );
}
