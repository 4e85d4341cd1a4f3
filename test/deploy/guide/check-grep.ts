import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/project.mjs';

let sourcesOnce: string | undefined;

/** What is wrong with what a log is searched for: some process has to write it. Metrics of Kubernetes are not ours. */
export function checkGrep(pattern: string): readonly string[] {
  if (pattern.startsWith('^apiserver_')) return [];
  sourcesOnce ??= sources();
  return sourcesOnce.includes(pattern) ? [] : [`nothing writes "${pattern}"`];
}

function sources(): string {
  const folder = join(projectRoot, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}
