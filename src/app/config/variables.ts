import { z } from 'zod';
import { aboutOf, groups } from './about-variable.ts';
import type { About } from './about-variable.ts';
import { changeVariables } from './change-variables.ts';
import { clusterVariables } from './cluster-variables.ts';
import { githubVariables } from './github-variables.ts';
import { processVariables } from './process-variables.ts';
import { receiverVariables } from './receiver-variables.ts';
import { slackVariables } from './slack-variables.ts';
import { tracingVariables } from './tracing-variables.ts';

/** Everything that can be configured. Durations become ms, lists arrays. */
export const settingsSchema = z.object({
  ...changeVariables,
  ...clusterVariables,
  ...slackVariables,
  ...processVariables,
  ...githubVariables,
  ...receiverVariables,
  ...tracingVariables,
});

/** Every variable with what a person has to know about it, group by group: the order of `.env.example`. */
export function aboutVariables(): [string, About][] {
  const abouts = Object.entries(settingsSchema.shape).flatMap(([name, schema]) => {
    const about = aboutOf(schema);
    return about ? [[name, about] satisfies [string, About]] : [];
  });
  return groups.flatMap((wanted) => abouts.filter(([, { group }]) => group === wanted));
}
