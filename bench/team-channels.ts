import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../scripts/system.ts';
import type { BenchContext } from './benchmark.ts';

/** Namespaces of as many teams, and the channels of the same names that are told of them. */
export const teams: readonly string[] = Array.from({ length: 200 }, (_, nth) => `team-${nth}`);

/** What a system needs for each team to have a channel. */
export async function teamChannels({ onStop }: BenchContext) {
  const folder = await temporaryFolder();
  onStop(folder.remove);
  const policy = join(folder.path, 'policy.yaml');
  await writeFile(policy, JSON.stringify({ routes: teams.map((name) => ({ namespaces: [name], channel: name })) }));
  return {
    settings: { OOMKEEPER_POLICY: policy, OOMKEEPER_APPROVERS: '' },
    slack: { workspace: { channels: [{ name: 'oom-alerts' }, ...teams.map((name) => ({ name }))] } },
  };
}
