import { vi } from 'vitest';
import { runCommand } from '../../src/app/command-line/commands.ts';
import { aboutVariables } from '../../src/app/config/variables.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line that ends by itself, in this process, with no variable of ours but these. One at a time. */
export async function runHere(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  for (const [name] of aboutVariables()) vi.stubEnv(name, environment[name]);
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    const code = await runCommand(args);
    return { code, out: written.stdout, err: written.stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}

/** The objects of an output with one a line. */
export function objectsIn<T>(out: string, read: (object: unknown) => T): readonly T[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => read(JSON.parse(line)));
}
