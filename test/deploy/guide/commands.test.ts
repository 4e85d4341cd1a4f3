import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { z } from 'zod';
import { capture } from '../../../scripts/child.mjs';
import { projectRoot } from '../../../scripts/project.mjs';
import { aboutVariables } from '../../../src/app/config/variables.ts';
import { afterAllLong, beforeAllLong } from '../../long.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { rendered, renderedTests } from '../sets.ts';
import type { Rendered } from '../render.ts';
import { checkDocker } from './check-docker.ts';
import { checkGrep } from './check-grep.ts';
import { checkHelm } from './check-helm.ts';
import { checkKubectl } from './check-kubectl.ts';
import { checkNpm, checkOomkeeper } from './check-oomkeeper.ts';
import { checkRedisCli } from './check-redis-cli.ts';
import { blocksOf, commandLines, pages } from './pages.ts';
import { commandsIn, type Command } from './shell-line.ts';
import { unchecked } from './unchecked.ts';
import { copyOverlay, workplaceFor, type Workplace } from './workplace.ts';

/*
 * Every command that a page shows, in its blocks for a shell in their order and then in its sentences, is tried: by the real
 * program where that needs neither a cluster nor Slack nor a registry, else its words are held against what is there.
 */
let redis: TestRedis;
beforeAllLong(async () => {
  redis = await openTestRedis();
});
afterAllLong(async () => redis.stop());

// Decisions are as old as they are.
const withCommands = pages.filter(({ path, text }) => !path.includes('/decisions/') && commandLines(text).length > 0);

test('there are pages with commands, and no block for a shell is called otherwise', () => {
  expect(withCommands.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['README.md', 'docs/getting-started.md', 'docs/gitops.md']),
  );
  const others = pages.flatMap(({ text }) => blocksOf(text).map(({ language }) => language));
  expect(others.filter((language) => ['bash', 'shell', 'console', 'zsh'].includes(language))).toEqual([]);
});

test.for(withCommands)('each command of $path can be typed as it stands', async ({ text }, context) => {
  const workplace = await workplaceFor(context, text);
  const facts = await factsOf(context);
  const wrong: string[] = [];

  for (const line of commandLines(text)) {
    let input = '';
    for (const command of commandsIn(line).flatMap(forEachProcess)) {
      if (unchecked[command.text] !== undefined) continue;
      const problems = await check(command, workplace, {
        ...facts,
        input: command.isPiped ? input : await tryKillPod(),
      });
      wrong.push(...problems.map((problem) => `${command.text}: ${problem}`));
      input = command.words.includes('--print') ? await tryKillPod() : '';
    }
  }

  expect(wrong).toEqual([]);
});

test('each command that cannot be checked is still shown by a page', () => {
  const shown = withCommands.flatMap(({ text }) =>
    commandLines(text)
      .flatMap(commandsIn)
      .map((one) => one.text),
  );

  expect(Object.keys(unchecked).filter((one) => !shown.includes(one))).toEqual([]);
});

test('a command that is wrong is found', async (context) => {
  const workplace = await workplaceFor(context, '');
  const facts = { ...(await factsOf(context)), input: '' };
  const wrong = [
    'npm run -s oomkeeper -- scna --kubeconfig FILE',
    'npm run -s oomkeeper -- scan --kubecfg FILE',
    'npm run -s demo -- --clusterz 2',
    'npm run dmeo',
    'helm install oomkeeper deploy/helm/oomkeeper --namespace oomkeeper --set clustre=prod',
    'helm upgrade oomkeeper deploy/helm/oomkeeper --namespace oomkeeper --reuse-value',
    'helm test oomkeeper --namespace shop',
    'kubectl -n oomkeeper get pods --watchh',
    'kubectl -n oomkeeper rollout status deployment/oomkeeper-workers',
    'kubectl -n oomkeeper logs oomkeeper-doctor',
    'kubectl -n oomkeeper exec deployment/oomkeeper-worker -- oomkeeper doctr',
    'kubectl -n shop annotate deployment checkout oomkeeper.dev/laod=x',
    'kubectl -n oomkeeper create secret generic slack --from-literal=SLACK_TOKEN=x',
    'kubectl delete pod --selector oomkeeper.dev/try=true',
    'kubectl apply -k deploy/kubernetes/bases',
    'docker push registry.example.com/oomkeeper:0.0.0',
    'docker compose logs bots',
    'cp .env.sample .env',
    'export SLACK_BOTTOKEN=x',
    'kubctl get pods',
    'redis-cli -u "$REDIS_URL" lrang x 0 9',
    'grep "a line that no process writes"',
  ];

  const unnoticed: string[] = [];
  for (const line of wrong) {
    const problems = await Promise.all(commandsIn(line).map(async (one) => check(one, workplace, facts)));
    if (problems.flat().length === 0) unnoticed.push(line);
  }

  expect(unnoticed).toEqual([]);
});

interface Facts {
  readonly scripts: Readonly<Record<string, string>>;
  readonly deployed: readonly Rendered[];
  readonly compose: string;
  readonly built: Set<string>;
  readonly input: string;
  /** Address of a real one. */
  readonly redis: string;
}

async function check(command: Command, workplace: Workplace, facts: Facts): Promise<readonly string[]> {
  const { words } = command;
  const variables = [...command.variables, ...(words[0] === 'export' ? words.slice(1) : [])];
  const known = new Set(aboutVariables().map(([name]) => name));
  const strange = variables.map((one) => one.split('=')[0] ?? '').filter((name) => !known.has(name));
  if (strange.length > 0) return [`nothing reads the variable ${strange.join(', ')}`];
  switch (words[0]) {
    case undefined:
    case 'export':
      return [];
    case 'npm':
      return checkNpm(words, facts.scripts);
    case 'oomkeeper':
      return checkOomkeeper(words.slice(1));
    case 'helm':
      return checkHelm(words, workplace);
    case 'kubectl':
      return checkKubectl(words, workplace, facts);
    case 'docker':
      return checkDocker(words, { ...facts, files: ['deploy/Dockerfile'] });
    case 'redis-cli':
      return checkRedisCli(words, facts.redis);
    // What a line of a log or of metrics is looked for by.
    case 'grep':
      return command.isPiped ? checkGrep(words.at(-1) ?? '') : ['it reads nothing'];
    case 'head':
      return command.isPiped && words.length === 1 ? [] : ['it ends a pipe, as it is'];
    case 'cp':
      return copied(words, workplace);
    default:
      return ['nobody knows how to check this program: teach it here, or say in unchecked.ts why not'];
  }
}

async function copied(words: readonly string[], { folder }: Workplace): Promise<readonly string[]> {
  if (words.at(-1) === 'oomkeeper') {
    await copyOverlay(folder);
    return words[2] === 'deploy/kubernetes/example-overlay' ? [] : ['the overlay of the example is elsewhere'];
  }
  const { code, output } = await capture('cp', words.slice(1), { cwd: folder });
  return code === 0 ? [] : [output];
}

async function factsOf(context: TestContext): Promise<Omit<Facts, 'input'>> {
  const { scripts } = z
    .looseObject({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')));
  const deployed = await Promise.all([
    rendered(context, 'base'),
    rendered(context, 'redis'),
    renderedTests(context, 'chart'),
  ]);
  const compose = await readFile(join(projectRoot, 'docker-compose.yml'), 'utf8');
  return { scripts: { ...scripts, ci: '' }, deployed: deployed.flat(), compose, built: new Set(), redis: redis.url };
}

/** `PROCESS` in a command stands for each of the three. */
function forEachProcess(command: Command): readonly Command[] {
  if (!command.text.includes('PROCESS')) return [command];
  return ['watcher', 'worker', 'bot'].map((name) => ({
    ...command,
    words: command.words.map((word) => word.replace('PROCESS', name)),
  }));
}

let podOnce: Promise<string> | undefined;
/** What `oomkeeper try-kill --print` prints, really. */
function tryKillPod(): Promise<string> {
  podOnce ??= capture(process.execPath, [
    join(projectRoot, 'src/bin/oomkeeper.ts'),
    'try-kill',
    '--print',
    '--namespace',
    'shop',
  ]).then(({ output }) => output);
  return podOnce;
}
