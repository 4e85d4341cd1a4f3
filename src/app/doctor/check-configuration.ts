import { Failure } from '../../core/failure.ts';
import { readConfig } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { counted } from '../../core/talk/words.ts';
import { readPolicy } from '../config/policy-file.ts';
import type { PolicyFile } from '../../core/approve/policy.ts';
import type { ProcessName } from '../config/about-variable.ts';
import type { DoctorOptions } from './doctor-options.ts';
import { check, ok, problem, warning } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';

/** Whether each process has the variables that it cannot start without, and what the policy file says. */
export async function checkConfiguration(
  environment: NodeJS.ProcessEnv,
  config: Config,
  { processes }: Pick<DoctorOptions, 'processes'>,
): Promise<readonly Finding[]> {
  const mendOf = (one: ProcessName): string =>
    processes.length === 1
      ? 'Set it; .env.example lists every variable.'
      : `Set it; .env.example lists every variable. Where no ${one} runs, name those that do: --process ${processes.find((other) => other !== one)}.`;
  return Promise.all([
    ...processes.map((one) =>
      check('configuration', `variables of the ${one}`, mendOf(one), () => variablesOf(one, environment, mendOf(one))),
    ),
    check('configuration', 'policy', 'Fix the file that OOMKEEPER_POLICY names.', () => checkPolicy(config)),
  ]);
}

function variablesOf(name: ProcessName, environment: NodeJS.ProcessEnv, mend: string): Outcome {
  try {
    readConfig(environment, [name]);
    return ok('All that it needs are set.');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const text = error.message.split('\n- ').slice(1).join('; ');
    return problem(`${text}.`, mend);
  }
}

async function checkPolicy(config: Config): Promise<Outcome> {
  const policy = await readPolicy(config);
  const { approvals, routes } = policy;
  const told = routes.length === 0 ? '' : ` ${counted(routes.length, 'route')} to channels.`;
  const unreached = unreachedOf(policy);
  if (unreached !== null) return unreached;
  if (approvals.length > 0)
    return ok(
      `${counted(approvals.length, 'rule')} ${approvals.length === 1 ? 'says' : 'say'} who may approve.${told}`,
    );
  const nobody = 'Nobody may approve a change';
  return config.OOMKEEPER_MODE === 'observe'
    ? ok(`${nobody}, and nothing is changed: OOMKEEPER_MODE is observe.${told}`)
    : warning(
        `${nobody}, so OOMKEEPER_MODE=act changes nothing.`,
        'Name people in OOMKEEPER_APPROVERS, or rules in the policy file.',
      );
}

/** Levels that wait for an owner whom the policy file never says are silent; null where there are none. */
function unreachedOf({ notify, owners }: PolicyFile): Outcome | null {
  const waits = notify.some(({ levels }) => levels.some(({ who }) => who.every((one) => one === 'owner')));
  if (!waits || Object.keys(owners.names).length > 0) return null;
  return warning(
    'notify mentions owners, but nothing says which Slack user or group an owner is, so nobody is mentioned there.',
    'Name them in owners.names of the policy file.',
  );
}
