import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from '../../../scripts/child.mjs';
import { aboutVariables } from '../../../src/app/config/variables.ts';
import { objectsOf, type Rendered } from '../render.ts';
import { checkOomkeeper } from './check-oomkeeper.ts';
import { optionsIn, splitOptions, type Split } from './flags.ts';
import type { Workplace } from './workplace.ts';

const helps = new Map<string, Promise<string>>();
const twoWords = ['rollout', 'auth', 'create secret'];
const annotations = ['load', 'source', 'owner', 'channel'].map((name) => `oomkeeper.dev/${name}`);
const shortKinds: Readonly<Record<string, string>> = { pvc: 'persistentvolumeclaim', deploy: 'deployment' };
/** What a Secret of one's own may hold: variables, and what the chart's `redis.existingSecret` asks for. */
const secretKeys = new Set([...aboutVariables().map(([name]) => name), 'watcher', 'worker', 'bot', 'users.acl']);

/**
 * What is wrong with `kubectl …`: its options against the real kubectl's help, folders by its kustomize, and everything that
 * is named in Oomkeeper's namespace against the objects that are deployed.
 */
export async function checkKubectl(
  [, ...words]: readonly string[],
  { kubectl, folder }: Workplace,
  { deployed, input }: { readonly deployed: readonly Rendered[]; readonly input: string },
): Promise<readonly string[]> {
  const everywhere = optionsIn(await helpOf(kubectl, ['options'])).options;
  // Options may come before the command.
  const bare = splitOptions(words, { options: everywhere }).words.join(' ');
  const pair = twoWords.find((name) => bare.startsWith(`${name} `));
  const command = bare.split(' ').slice(0, pair === undefined ? 1 : pair.split(' ').length + 1);
  const own = optionsIn(await helpOf(kubectl, [...command, '--help'])).options;
  const split = splitOptions(words, { options: new Map([...everywhere, ...own]) });
  if (split.problems.length > 0) return split.problems;
  const rest = split.words.slice(command.length);
  const folders = [...(split.given.get('-k') ?? []), ...(command[0] === 'kustomize' ? rest : [])];
  for (const one of folders) {
    const { code, output } = await capture(kubectl, ['kustomize', join(folder, one)]);
    if (code !== 0) return [output];
  }
  if (folders.length > 0) return [];
  if (command.join(' ') === 'create secret generic') return checkSecret({ kubectl, folder }, words, split);
  for (const file of split.given.get('-f') ?? []) {
    const objects = objectsOf(file === '-' ? input : await readFile(join(folder, file), 'utf8'));
    if (objects.length === 0) return [`${file} holds no object`];
  }
  return [
    ...checkLabels([...(split.given.get('-l') ?? []), ...(split.given.get('--selector') ?? [])], deployed, input),
    ...checkNames(command[0] === 'logs' ? rest.map(asPod) : rest, split, deployed),
    ...(command[0] === 'annotate' ? checkAnnotations(rest) : []),
    ...(command[0] === 'exec' ? checkInside(split.rest) : []),
  ];
}

async function checkSecret(
  { kubectl, folder }: Pick<Workplace, 'kubectl' | 'folder'>,
  words: readonly string[],
  { given }: Split,
): Promise<readonly string[]> {
  const keys = ['--from-literal', '--from-file']
    .flatMap((name) => given.get(name) ?? [])
    .map((one) => one.split('=')[0]);
  const strange = keys.filter((key) => !secretKeys.has(key ?? ''));
  if (strange.length > 0) return [`nothing reads ${strange.join(', ')} of a Secret`];
  const { code, output } = await capture(kubectl, [...words, '--dry-run=client', '-o', 'name'], { cwd: folder });
  return code === 0 ? [] : [output];
}

/** `kubectl logs` takes a name alone for a pod's. */
const asPod = (word: string): string => (word.includes('/') ? word : `pod/${word}`);

/** Objects are named as `deployment/NAME` or `deployment NAME…`; those of other namespaces are the reader's. */
function checkNames(words: readonly string[], { given }: Split, deployed: readonly Rendered[]): readonly string[] {
  const [first = '', ...more] = words;
  const namespace = (given.get('-n') ?? given.get('--namespace') ?? []).at(-1);
  const named = words.filter((word) => /^[a-z]+\/[a-z-]+$/.test(word));
  const listed = first.includes('/') || more.length === 0 ? [] : more.map((name) => `${first}/${name}`);
  const isOurs = namespace === 'oomkeeper' || first.startsWith('cluster');
  if (!isOurs) return [];
  const known = new Set(deployed.flatMap(namesOf));
  return [...named, ...listed]
    .map((one) => one.replace(/^[a-z]+/, (kind) => (shortKinds[kind] ?? kind).replace(/s$/, '')))
    .filter((one) => !known.has(one))
    .map((one) => `nothing that is deployed is called ${one}`);
}

/** A StatefulSet's claims are called after it. */
function namesOf(object: Rendered): readonly string[] {
  const { kind, metadata } = object;
  const claims = kind === 'StatefulSet' ? [`persistentvolumeclaim/data-${metadata.name}-0`] : [];
  return [`${kind.toLowerCase()}/${metadata.name}`, ...claims];
}

function checkLabels(selectors: readonly string[], deployed: readonly Rendered[], input: string): readonly string[] {
  const labelled = `${JSON.stringify(deployed)}${JSON.stringify(input === '' ? [] : objectsOf(input))}`;
  return selectors
    .filter((selector) => {
      const [key, value] = selector.split('=');
      return !labelled.includes(`"${key}":"${value}"`);
    })
    .map((selector) => `nothing that is deployed has the label ${selector}`);
}

function checkAnnotations(words: readonly string[]): readonly string[] {
  const [wrong] = words.filter((word) => /^\S+=/.test(word)).map((word) => word.split('=')[0] ?? '');
  return wrong === undefined || annotations.includes(wrong) ? [] : [`nothing reads the annotation ${wrong}`];
}

function checkInside([program, ...args]: readonly string[]): readonly string[] {
  if (program === 'node' && args[0] === '-e') return [];
  return program === 'oomkeeper' ? checkOomkeeper(args) : [`the image has no ${program}`];
}

function helpOf(kubectl: string, args: readonly string[]): Promise<string> {
  const key = args.join(' ');
  const help = helps.get(key) ?? capture(kubectl, args).then(({ output }) => output);
  helps.set(key, help);
  return help;
}
