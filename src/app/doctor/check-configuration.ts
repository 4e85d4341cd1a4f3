import { rulesIn } from '../../core/approve/policy.ts';
import type { PolicyFile } from '../../core/approve/policy.ts';
import { Failure } from '../../core/failure.ts';
import { counted } from '../../core/talk/words.ts';
import type { ProcessName } from '../config/about-variable.ts';
import { missingVariables, readConfig } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { readPolicy } from '../config/policy-file.ts';
import type { DoctorOptions } from './doctor-options.ts';
import { check, ok, problem, warning } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';
import { byPolicy, bySetting } from './mend.ts';
import type { Mend } from './mend.ts';

/** Whether each process has the variables that it cannot start without, and what the policy file says. */
export async function checkConfiguration(
  environment: NodeJS.ProcessEnv,
  config: Config,
  { processes }: Pick<DoctorOptions, 'processes'>,
): Promise<readonly Finding[]> {
  const mendOf = (one: ProcessName): Mend => {
    const elsewhere =
      processes.length === 1
        ? ''
        : ` Where no ${one} runs, name those that do: --process ${processes.find((other) => other !== one)}.`;
    const missing = missingVariables(environment, [one]).map(([name, { example }]) => [name, example] as const);
    return bySetting(`Set it; docs/configuration.md lists every variable.${elsewhere}`, Object.fromEntries(missing));
  };
  return Promise.all([
    ...processes.map((one) =>
      check('configuration', `variables of the ${one}`, mendOf(one), () => variablesOf(one, environment, mendOf(one))),
    ),
    check('configuration', 'policy', byPolicy('Fix the file that OOMKEEPER_POLICY names.'), () =>
      checkPolicy(config, processes),
    ),
  ]);
}

function variablesOf(name: ProcessName, environment: NodeJS.ProcessEnv, mend: Mend): Outcome {
  try {
    readConfig(environment, [name]);
    return ok('Everything it needs is set.');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const text = error.message.split('\n- ').slice(1).join('; ');
    return problem(`${text}.`, mend);
  }
}

async function checkPolicy(config: Config, processes: readonly ProcessName[]): Promise<Outcome> {
  const policy = await readPolicy(config);
  const { approvals, routes } = policy;
  const routed = routes.length === 0 ? '' : ` ${counted(routes.length, 'route')} to channels.`;
  const unreached = unreachedOf(policy);
  if (unreached !== null) return unreached;
  const rules = rulesHere(policy, config);
  if (rules > 0)
    return ok(
      `${counted(approvals.length, 'rule')} ${approvals.length === 1 ? 'says' : 'say'} who may approve.${routed}`,
    );
  if (!processes.includes('worker')) return ok(`It can be read; who may approve is the worker's business.${routed}`);
  if (config.OOMKEEPER_MODE === 'observe')
    return ok(`Nobody may approve a change, and nothing is changed in mode observe.${routed}`);
  return nobodyMay(config, approvals.length);
}

/** How many rules hold in this cluster; in all where it has no name. */
function rulesHere({ approvals }: PolicyFile, { OOMKEEPER_CLUSTER: cluster }: Config): number {
  if (cluster === undefined) return approvals.length;
  return rulesIn({ rules: approvals }, cluster).length;
}

function nobodyMay(config: Config, elsewhere: number): Outcome {
  if (elsewhere > 0)
    return problem(
      `OOMKEEPER_MODE is act, but nobody may approve a change in ${config.OOMKEEPER_CLUSTER}: no rule of the policy file is for that cluster.`,
      byPolicy('Add a rule with this cluster in "clusters" to "approvals" of the policy file.'),
    );
  if (config.OOMKEEPER_POLICY !== '')
    return problem(
      'OOMKEEPER_MODE is act, but nobody may approve a change: the policy file has no "approvals".',
      byPolicy('Add the people who may approve to "approvals" of the policy file: - who: [U024BE7LH].'),
    );
  return problem(
    'OOMKEEPER_MODE is act, but nobody may approve a change, so nothing is ever changed.',
    bySetting(
      'Set OOMKEEPER_APPROVERS to the Slack user ids of the people who may (U…, in their Slack profile: Copy member ID), or OOMKEEPER_POLICY to a policy file with rules.',
      { OOMKEEPER_APPROVERS: 'U024BE7LH' },
    ),
  );
}

/** Levels that wait for an owner whom the policy file never names mention nobody; null where there are none. */
function unreachedOf({ notify, owners }: PolicyFile): Outcome | null {
  const waits = notify.some(({ levels }) => levels.some(({ who }) => who.every((one) => one === 'owner')));
  if (!waits || Object.keys(owners.names).length > 0) return null;
  return warning(
    'notify mentions owners, but nothing says which Slack user or group an owner is, so nobody is mentioned there.',
    byPolicy('Name them in owners.names of the policy file.'),
  );
}
