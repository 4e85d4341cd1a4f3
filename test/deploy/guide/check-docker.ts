import { parse } from 'yaml';
import { z } from 'zod';
import { checkOomkeeper } from './check-oomkeeper.ts';
import { splitOptions, type Known } from './flags.ts';

/** Docker itself isn't here: of what is used, whether a value follows. */
const options: Readonly<Record<string, Known>> = {
  build: {
    options: new Map([
      ['-f', true],
      ['-t', true],
    ]),
  },
  push: { options: new Map() },
  run: {
    options: new Map([
      ['--rm', false],
      ['-i', false],
      ['-v', true],
    ]),
  },
  compose: {
    options: new Map([
      ['--build', false],
      ['--detach', false],
      ['--volumes', false],
      ['--follow', false],
    ]),
  },
};
const composeCommands = ['up', 'down', 'ps', 'logs', 'restart', 'pull', 'exec'];

/** What is wrong with `docker …`, by the project's own Dockerfile and compose file. */
export function checkDocker(
  [, command = '', ...args]: readonly string[],
  {
    files,
    compose,
    built,
  }: { readonly files: readonly string[]; readonly compose: string; readonly built: Set<string> },
): readonly string[] {
  const known = options[command];
  if (known === undefined) return [`nobody knows how to check docker ${command}`];
  if (command === 'run') return checkRun(args, known);
  const { given, words, problems } = splitOptions(args, known);
  if (problems.length > 0) return problems;
  if (command === 'build') {
    for (const tag of given.get('-t') ?? []) built.add(tag);
    return (given.get('-f') ?? []).filter((file) => !files.includes(file)).map((file) => `there is no ${file}`);
  }
  if (command === 'push') return words.filter((tag) => !built.has(tag)).map((tag) => `nothing built ${tag} before`);
  const [verb = '', ...services] = words;
  const there = Object.keys(
    z.looseObject({ services: z.record(z.string(), z.unknown()) }).parse(parse(compose)).services,
  );
  return [
    ...(composeCommands.includes(verb) ? [] : [`there is no docker compose ${verb}`]),
    ...services.filter((name) => !there.includes(name)).map((name) => `there is no service ${name}`),
  ];
}

/** Whatever follows the image is a command of ours. */
function checkRun(args: readonly string[], known: Known): readonly string[] {
  const at = args.findIndex((word) => /^\S+\/oomkeeper:/.test(word));
  if (at === -1) return ['it runs no image of ours'];
  return [...splitOptions(args.slice(0, at), known).problems, ...checkOomkeeper(args.slice(at + 1))];
}
