import type { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import { nearest } from '../../core/talk/edit-distance.ts';
import { hasLogin } from '../../core/redact/secret-parts.ts';
import { readTiming, timingVariable, usualTiming } from './timing.ts';
import type { Timing } from './timing.ts';
import { aboutVariables, settingsSchema } from './variables.ts';
import type { About, ProcessName } from './about-variable.ts';

export type Config = z.output<typeof settingsSchema> & { readonly timing: Timing };

/**
 * Reads the configuration of the given processes from an environment. Throws Failure('bad-configuration') whose
 * message lists every problem at once, by variable, with an example of a right value.
 */
export function readConfig(environment: NodeJS.ProcessEnv, processes: readonly ProcessName[]): Config {
  const given = givenIn(environment);
  const parsed = settingsSchema.safeParse(Object.fromEntries(given.map(([name, text]) => [name, text?.trim()])));
  const wrong = (parsed.error?.issues ?? []).map((issue) => {
    const name = String(issue.path[0]);
    return `${name} ${issue.message.replace(/\.$/, '')}${example(name)}`;
  });
  const missing = missingVariables(environment, processes).map(([name, about]) => {
    const needing = processes.filter((one) => about.required?.includes(one));
    const instead = about.unless === undefined ? '' : ` or ${about.unless}`;
    return `${name} is missing: the ${needing.join(' and the ')} cannot start without it${instead}${example(name)}`;
  });
  const unknown = given
    .map(([name]) => name)
    .filter((name) => /^OOMKEEPER_(?!TEST_)/.test(name) && !(name in settingsSchema.shape))
    .map((name) => `${name} is not a variable of Oomkeeper${meant(name)}; docs/configuration.md lists them all`);
  const { OOMKEEPER_CONFIRM_TIMEOUT: confirm = 0, OOMKEEPER_CHANGE_TTL: change = Infinity } = parsed.data ?? {};
  const late =
    confirm < change
      ? []
      : [
          'OOMKEEPER_CONFIRM_TIMEOUT must be shorter than OOMKEEPER_CHANGE_TTL, or an approval has always expired before the alternative is tried',
        ];
  const problems = [...missing, ...new Set(wrong), ...unknown, ...late];
  if (parsed.success && problems.length === 0) {
    const timing = environment[timingVariable];
    return { ...parsed.data, timing: timing === undefined ? usualTiming : readTiming(timing) };
  }
  throw new Failure(
    'bad-configuration',
    `The configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n- ${problems.join('\n- ')}`,
  );
}

/** What these processes cannot start without and is not set. */
export function missingVariables(
  environment: NodeJS.ProcessEnv,
  processes: readonly ProcessName[],
): readonly [string, About][] {
  const names = new Set(givenIn(environment).map(([name]) => name));
  return aboutVariables().filter(
    ([name, { required = [], unless }]) =>
      processes.some((one) => required.includes(one)) &&
      !names.has(name) &&
      !(unless !== undefined && names.has(unless)),
  );
}

/**
 * Of this process's environment only the variables that matter to a command: it must not fail because of, say, a wrong
 * Slack token. @throws Failure('bad-configuration')
 */
export function readOnly(names: readonly (keyof typeof settingsSchema.shape | typeof timingVariable)[]): Config {
  const environment = processEnvironment();
  return readConfig(Object.fromEntries(names.map((name) => [name, environment[name]])), []);
}

/** An empty variable is the same as one that is not set. */
function givenIn(environment: NodeJS.ProcessEnv): [string, string | undefined][] {
  return Object.entries(environment).filter(([, text]) => text !== undefined && text.trim() !== '');
}

/** The environment of this process, read only here. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** The configured cluster name; `readConfig` has checked it for the processes that need one. */
export function clusterOf(config: Config): string {
  if (config.OOMKEEPER_CLUSTER === undefined)
    throw new Failure('bad-configuration', 'OOMKEEPER_CLUSTER is missing, for example OOMKEEPER_CLUSTER=prod.');
  return config.OOMKEEPER_CLUSTER;
}

/** Values that must never be written anywhere: what is a secret, and every URL with a login, those of proxies too. */
export function secretsOf(config: Config, environment: NodeJS.ProcessEnv = {}): string[] {
  const secret = new Set(aboutVariables().flatMap(([name, about]) => (about.secret ? [name] : [])));
  const configured = Object.entries(config).flatMap(([name, value]) =>
    secret.has(name) && typeof value === 'string' ? [value] : [],
  );
  const logins = Object.values(environment).flatMap((value = '') =>
    [...new Set([value, ...value.split(',')])].filter(hasLogin),
  );
  return [...configured, ...logins];
}

function meant(name: string): string {
  const [close] = nearest(name, Object.keys(settingsSchema.shape), 1, 3);
  return close === undefined ? '' : ` (did you mean ${close}?)`;
}

function example(name: string): string {
  const about = aboutVariables().find(([one]) => one === name)?.[1];
  return about ? `, for example ${name}=${about.example}` : '';
}
