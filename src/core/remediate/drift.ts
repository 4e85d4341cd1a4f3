import { placedWords } from '../diagnose/runtimes/words.ts';
import type { Variable } from '../recommend/change-words.ts';
import type { EnvChange } from '../recommend/env-change.ts';
import { formatBytes, parseBytes } from '../units/quantity.ts';
import type { FileValues, ManifestEdit } from './edit/manifest-edit.ts';
import { optionName } from './option-name.ts';
import type { PlanInputs } from './plan-inputs.ts';
import type { Drift, Memory } from './plan.ts';

/** What the workload's template in the cluster says now. */
export interface LiveValues {
  readonly memory: Memory;
  readonly variables: readonly Variable[];
}

export function liveValues({ workload, variables }: PlanInputs): LiveValues {
  return { memory: workload?.memory ?? { limitBytes: null, requestBytes: null }, variables };
}

/** More options than this are only counted. */
const mostNamed = 6;

/**
 * In what a file that an edit is made to differs from the cluster, apart from what the edit makes the same. Of options
 * only the names are told, because their values may be secrets.
 */
export function driftOf(file: FileValues, live: LiveValues, { to, env }: ManifestEdit): Drift[] {
  return [
    ...memoryDrift('limit', file.limit, live.memory.limitBytes, to.limitBytes),
    ...memoryDrift('request', file.request, live.memory.requestBytes, to.requestBytes),
    ...env.flatMap((change) => optionsDrift(change, valueIn(file.variables, change), valueIn(live.variables, change))),
  ];
}

function memoryDrift(of: 'limit' | 'request', written: string | null, live: number | null, to: number | null): Drift[] {
  const inFile = written === null ? null : bytesOf(written);
  // What is to be there already differs from nothing any more.
  if (to === null || inFile === live || live === to || inFile === to) return [];
  const runs = live === null ? 'has none' : `runs with ${formatBytes(live)}`;
  if (inFile === null) return [{ of, text: `The file sets no ${of}; the cluster ${runs}.` }];
  const lowers = to < inFile ? ' Merging this lowers it.' : '';
  return [{ of, text: `The ${of} in the file is ${formatBytes(inFile)}; the cluster ${runs}.${lowers}` }];
}

function optionsDrift(change: EnvChange, written: string | null, live: string | null): Drift[] {
  const [file, cluster] = [othersIn(written, change), othersIn(live, change)];
  if (file.join(' ') === cluster.join(' ')) return [];
  const [ofFile, ofCluster] = [new Set(file), new Set(cluster)];
  const onlyFile = file.filter((word) => !ofCluster.has(word));
  const onlyCluster = cluster.filter((word) => !ofFile.has(word));
  const names = (words: readonly string[]): ReadonlySet<string | null> => new Set(words.map(optionName));
  const [inFile, inCluster] = [names(onlyFile), names(onlyCluster)];
  const both = new Set([...inFile].filter((name) => name !== null && inCluster.has(name)));
  const isBoth = (word: string): boolean => both.has(optionName(word));
  const parts = [
    listed([...both], 'has another value', 'have other values'),
    listed(onlyFile.filter((word) => !isBoth(word)).map(optionName), 'is only in the file', 'are only in the file'),
    listed(
      onlyCluster.filter((word) => !isBoth(word)).map(optionName),
      'is only in the cluster',
      'are only in the cluster',
    ),
  ].filter((part) => part !== '');
  const how = parts.length === 0 ? 'its options are in another order, or there more than once' : parts.join('; ');
  return [{ of: change.name, text: `${change.name} in the file differs from the cluster's: ${how}.` }];
}

/** `-Dfoo and 2 other words are …`; '' for none. */
function listed(words: readonly (string | null)[], is: string, are: string): string {
  const named = [...new Set(words)].flatMap((name) => name ?? []).slice(0, mostNamed);
  const rest = words.length - words.filter((name) => name !== null && named.includes(name)).length;
  const others = rest === 0 ? [] : [rest === 1 ? 'one other word' : `${rest} other words`];
  const all = [...named, ...others];
  if (all.length === 0) return '';
  const text = all.length === 1 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
  return `${text} ${words.length === 1 || (all.length === 1 && rest === 0) ? is : are}`;
}

/** The words of a value, with their quotes, that the change leaves alone. */
function othersIn(value: string | null, { words }: EnvChange): string[] {
  const changing = new Set(words.flatMap(({ from, to }) => [...(from?.split(' ') ?? []), to]));
  return placedWords(value ?? '')
    .map(({ raw }) => raw)
    .filter((raw) => !changing.has(raw));
}

function valueIn(variables: readonly Variable[], { name }: EnvChange): string | null {
  return variables.find((one) => one.name === name)?.value ?? null;
}

function bytesOf(quantity: string): number | null {
  try {
    return parseBytes(quantity);
  } catch {
    return null;
  }
}
