import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { parseDocument } from 'yaml';

import { scenarioSchema, type Scenario } from './scenario.ts';
import { varyScenarios } from './scenario-seed.ts';
import { usualWords } from './scenario-words.ts';

/** A scenario file that cannot be played; the message names the file and the place in it. */
export class ScenarioError extends Error {}

export interface Folder {
  /** In the order of their file names or, with a seed, in another one. */
  readonly scenarios: readonly Scenario[];
  /** Files that are no scenario: their name without its ending, and what is wrong with each. */
  readonly unreadable: readonly { readonly name: string; readonly problems: readonly string[] }[];
}

/**
 * All scenarios (`*.yaml`, `*.yml`) of a folder, with a seed other than 0 varied. One that cannot be read keeps nobody else from
 * being played. Throws ScenarioError when there is no scenario file at all.
 */
export async function readFolder(directory: string, seed?: number): Promise<Folder> {
  const entries = await readdir(directory).catch((error: unknown) => {
    throw new ScenarioError(`${directory}: this folder cannot be read`, { cause: error });
  });
  const files = entries.filter((name) => /\.ya?ml$/i.test(name)).toSorted();
  if (files.length === 0) throw new ScenarioError(`${directory}: no scenario (*.yaml) in this folder`);
  const scenarios: Scenario[] = [];
  const unreadable: { name: string; problems: readonly string[] }[] = [];
  for (const file of files) {
    const path = join(directory, file);
    try {
      scenarios.push(readScenario(path, await readFile(path, 'utf8')));
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      unreadable.push({ name: basename(file).replace(/\.ya?ml$/i, ''), problems: error.message.split('\n') });
    }
  }
  const asWritten = seed === undefined || seed === 0;
  return { scenarios: asWritten ? scenarios : varyScenarios(scenarios, seed), unreadable };
}

/** As `readFolder`, but throws ScenarioError with every problem when a file cannot be read. */
export async function loadScenarios(directory: string, seed?: number): Promise<readonly Scenario[]> {
  const { scenarios, unreadable } = await readFolder(directory, seed);
  if (unreadable.length > 0) throw new ScenarioError(unreadable.flatMap(({ problems }) => problems).join('\n'));
  return scenarios;
}

/** Reads one scenario's YAML. Throws ScenarioError with `file: path: what is wrong`, all problems at once. */
export function readScenario(file: string, text: string): Scenario {
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new ScenarioError(`${file}: ${syntax.message.split('\n')[0] ?? 'no YAML'}`);
  const parsed = scenarioSchema.safeParse(usualWords(document.toJS()));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${file}: ${path.join('.') || '(file)'}: ${message}`);
  throw new ScenarioError(problems.join('\n'));
}
