import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../scripts/project.mjs';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function oomkeeper(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return node(['src/bin/oomkeeper.ts', ...args], environment);
}

/** Runs one of our programs. */
async function node(
  [program = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ran> {
  const child = spawn(process.execPath, [join(projectRoot, program), ...args], {
    cwd: projectRoot,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { code: Number(code), out, err };
}

describe('oomkeeper', () => {
  test('--help lists the commands with examples', async () => {
    const { code, out, err } = await oomkeeper(['--help']);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const command of [
      'watcher',
      'worker',
      'bot',
      'all',
      'doctor',
      'scan',
      'try-kill',
      'audit',
      'replay',
      'evaluate',
    ])
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(out).toMatch(/Examples:\n( +.*\n)* +npm run -s oomkeeper -- replay/);
  });

  test.each(['watcher', 'worker', 'bot', 'all', 'doctor', 'scan', 'try-kill', 'audit', 'replay', 'evaluate'])(
    '%s --help says what it does, with an example',
    async (command) => {
      const { code, out, err } = await oomkeeper([command, '--help']);

      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain(`oomkeeper ${command}`);
      expect(out).toMatch(/Example/);
    },
  );

  test('without a command it says what there is, and that this was not one', async () => {
    const { code, out } = await oomkeeper([]);

    expect(code).toBe(2);
    expect(out).toContain('Usage: oomkeeper COMMAND');
  });

  test('a mistyped command is answered with the nearest one', async () => {
    const { code, out, err } = await oomkeeper(['wacher']);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/no command "wacher".*Did you mean "watcher"/);
  });

  test('a wrong configuration is answered with every problem at once, by name, with an example of what is right', async () => {
    const wrong = {
      OOMKEEPER_CLUSTER: 'My Cluster',
      OOMKEEPER_MODE: 'yes',
      OOMKEEPER_VERIFY_AFTER: 'soon',
      OOMKEEPER_APPROVERS: 'amira',
      OOMKEEPER_MOOD: 'good',
      REDIS_URL: 'localhost',
      SLACK_BOT_TOKEN: 'secret-that-is-no-token',
    };

    const { code, out, err } = await oomkeeper(['all'], wrong);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    for (const name of Object.keys(wrong)) expect(err).toMatch(new RegExp(`^- ${name} `, 'm'));
    expect(err).toMatch(/^- SLACK_APP_TOKEN is missing/m);
    for (const name of ['OOMKEEPER_CLUSTER', 'OOMKEEPER_MODE', 'OOMKEEPER_VERIFY_AFTER', 'REDIS_URL'])
      expect(err).toMatch(new RegExp(`${name} .*for example ${name}=\\S`));
    expect(err).not.toContain('secret-that-is-no-token');
  });

  test('finds a file where whoever typed the command is, although npm runs it in the folder of the project', async () => {
    const { PATH = '' } = process.env;
    const typedIn = join(projectRoot, 'test/recordings/captures/oom-restart');

    const { code, out } = await node(['scripts/start.mjs', 'oomkeeper', 'replay', '--pods', 'pods.ndjson'], {
      PATH,
      INIT_CWD: typedIn,
    });

    expect(code).toBe(0);
    expect(out).toContain('1 incident');
  });
});
