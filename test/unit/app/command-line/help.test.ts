import { expect, onTestFinished, test, vi } from 'vitest';
import { commandNames, runCommand } from '../../../../src/app/command-line/commands.ts';
import { asTyped } from '../../../../src/app/command-line/as-typed.ts';
import { commandHelp, overview } from '../../../../src/app/command-line/help.ts';
import { secretOwners } from '../../../deploy/secret-owners.ts';
import { aboutVariables } from '../../../../src/app/config/variables.ts';

/** Runs a command line that ends by itself; what it wrote and its exit code. */
async function running(...argv: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    const spy = vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
  const code = await runCommand(argv);
  return { code, ...written };
}

test('the overview names every command and has examples', () => {
  for (const name of commandNames) expect(overview()).toMatch(new RegExp(`^  ${name} `, 'm'));
  expect(overview()).toContain('Examples:\n  npm run -s oomkeeper -- ');
});

test.each(commandNames)('%s has help with its usage and an example that begins as one types it', (name) => {
  const help = commandHelp(name) ?? '';

  expect(help).toContain(`Usage: oomkeeper ${name}`);
  expect(help.slice(help.indexOf('\nExample'))).toMatch(new RegExp(`oomkeeper -- ${name}\\b`));
});

test('every variable stands in the help of the processes, with its meaning and default', () => {
  const help = commandHelp('all') ?? '';

  for (const [name, { meaning, fallback }] of aboutVariables()) {
    expect(help).toContain(name);
    expect(help).toContain(fallback ? `${meaning} [${fallback}]` : meaning);
  }
});

test.each(['watcher', 'worker', 'bot'] as const)('the help of the %s lists what it reads, and nothing else', (name) => {
  const listed = [...(commandHelp(name) ?? '').matchAll(/^[* ] ([A-Z][A-Z_]+) /gm)].map((match) => match[1]);

  expect(listed).toEqual(aboutVariables().flatMap(([one, { readBy }]) => (readBy.includes(name) ? [one] : [])));
  expect(listed.indexOf('REDIS_URL')).toBeLessThan(listed.indexOf('OOMKEEPER_LOG_LEVEL'));
});

test('a process that needs a variable reads it, and a secret is read by its owner alone', () => {
  for (const [name, { readBy, required = [] }] of aboutVariables())
    expect([name, required.filter((one) => !readBy.includes(one))]).toEqual([name, []]);
  for (const owner of ['watcher', 'worker', 'bot'] as const)
    expect(
      aboutVariables()
        .flatMap(([name, { secret, readBy }]) =>
          secret && name !== 'REDIS_URL' && readBy.includes(owner) ? [name] : [],
        )
        .toSorted(),
    ).toEqual(secretOwners[owner]);
});

test('advice names commands as they are typed where it is read: in an image there is no script for npm', () => {
  const advice = 'Type `npm run -s oomkeeper -- scan`.';

  expect(asTyped(advice)).toBe(advice);
  expect(asTyped(advice, false)).toBe('Type `oomkeeper scan`.');
});

test.each([
  ['watcher', ['OOMKEEPER_CLUSTER']],
  ['worker', ['OOMKEEPER_CLUSTER']],
  ['bot', ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']],
  ['all', ['OOMKEEPER_CLUSTER', 'SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']],
])('the help of %s marks what it cannot do without', (name, expected) => {
  const marked = [...(commandHelp(name) ?? '').matchAll(/^\* (\S+)/gm)].map((match) => match[1]);

  expect(marked).toEqual(expected);
});

test.each([['help'], ['--help'], ['-h'], ['help', '--help'], ['help', 'help'], ['help', '-h']])(
  '%s %s prints the overview',
  async (...argv) => {
    expect(await running(...argv)).toEqual({ code: 0, stdout: overview(), stderr: '' });
  },
);

test('without a command the overview is shown, and it is an error', async () => {
  expect(await running()).toEqual({ code: 2, stdout: overview(), stderr: '' });
});

test.each(commandNames)('`%s --help` and `help` with it print the same and start nothing', async (name) => {
  const expected = { code: 0, stdout: commandHelp(name), stderr: '' };

  expect(await running(name, '--help')).toEqual(expected);
  expect(await running('help', name)).toEqual(expected);
});

test.each([
  [['wacher'], 'there is no command "wacher". Did you mean "watcher"?'],
  [['help', 'wacher'], 'there is no command "wacher". Did you mean "watcher"?'],
  [['toString'], 'there is no command "toString".'],
  [['help', 'constructor'], 'there is no command "constructor".'],
])('%j is a wrong command line', async (argv, said) => {
  const { code, stdout, stderr } = await running(...argv);

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(said);
});

test.each(['watcher', 'worker', 'bot', 'all'])('%s refuses arguments instead of ignoring them', async (name) => {
  const { code, stderr } = await running(name, '--mode', 'act');

  expect(code).toBe(2);
  expect(stderr).toContain('takes no arguments');
});
