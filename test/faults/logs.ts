import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { WorkloadKill } from '../../sandbox/kubernetes/cluster/cluster.ts';
import type { LogEntry } from '../../sandbox/slack/request-log.ts';
import type { World } from '../../sandbox/world.ts';

/** The logs of the pretend world from now on, for one row. */
export interface RowLogs {
  readonly folder: string;
  /** What Slack was asked since the last call. Throws where the simulator has forgotten some of it by now. */
  readonly newInSlack: () => readonly LogEntry[];
  /** Writes the files. `kills` is what happened to the row's own victims. */
  readonly write: (kills: readonly WorkloadKill[]) => Promise<void>;
}

/** Empties `folder`, or makes it. */
export async function openLogs(world: World, folder: string): Promise<RowLogs> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const slackFile = createWriteStream(join(folder, 'slack.ndjson'));
  const firstRequest = (world.api.requestLog().at(-1)?.seq ?? 0) + 1;
  let seen = world.slack.requestLog().at(-1)?.seq ?? 0;
  return {
    folder,
    newInSlack: () => {
      const all = world.slack.requestLog();
      const entries = all.slice(all.findLastIndex(({ seq }) => seq <= seen) + 1);
      const [first] = entries;
      if (first !== undefined && first.seq !== seen + 1)
        throw new Error('the request log of the pretend Slack is shorter than what it was asked between two looks');
      seen = entries.at(-1)?.seq ?? seen;
      for (const entry of entries) slackFile.write(lineOf(entry));
      return entries;
    },
    write: async (kills) => {
      slackFile.end();
      await finished(slackFile);
      const requests = world.api.requestLog().filter(({ seq }) => seq >= firstRequest);
      await writeFile(join(folder, 'kubernetes.ndjson'), requests.map(lineOf).join(''));
      await writeFile(join(folder, 'kills.ndjson'), kills.map(lineOf).join(''));
    },
  };
}

function lineOf(entry: object): string {
  return `${JSON.stringify(entry)}\n`;
}
