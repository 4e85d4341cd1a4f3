import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseDocument } from 'yaml';

import { scenarioSchema, type Scenario } from './scenario.ts';
import { varyScenarios } from './scenario-seed.ts';
import { usualWords } from './scenario-words.ts';

/** A scenario file that cannot be played; the message names the file and the place in it. */
export class ScenarioError extends Error {}

/**
 * All scenarios (`*.yaml`, `*.yml`) of a folder in the order of their file names, or, with a seed, varied and in another
 * order. Throws ScenarioError.
 */
export async function loadScenarios(directory: string, seed?: number): Promise<readonly Scenario[]> {
  const files = (await readdir(directory)).filter((name) => /\.ya?ml$/.test(name)).toSorted();
  if (files.length === 0) throw new ScenarioError(`${directory}: no scenario (*.yaml) in this folder`);
  const scenarios = await Promise.all(
    files.map(async (name) => readScenario(join(directory, name), await readFile(join(directory, name), 'utf8'))),
  );
  const names = scenarios.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ScenarioError(`${directory}: two scenarios are called "${twice}"`);
  return seed === undefined ? scenarios : varyScenarios(scenarios, seed);
}

/** Reads one scenario's YAML. Throws ScenarioError with `file: path: what is wrong`, all problems at once. */
export function readScenario(file: string, text: string): Scenario {
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new ScenarioError(`${file}: ${syntax.message}`);
  const parsed = scenarioSchema.safeParse(usualWords(document.toJS()));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${file}: ${path.join('.') || '(file)'}: ${message}`);
  throw new ScenarioError(problems.join('\n'));
}
