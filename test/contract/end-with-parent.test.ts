import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from '../eventually.ts';

test('what a command has started ends with it, even if that one is killed', async () => {
  const module = fileURLToPath(new URL('../../scripts/system.ts', import.meta.url));
  const program = `const { startSandbox } = await import(${JSON.stringify(module)});
    const { addresses } = await startSandbox(['--port', '0', '--no-page', '--no-prometheus']);
    console.log(addresses.controlUrl);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const controlUrl = String((await once(createInterface(parent.stdout), 'line'))[0]);
  const isThere = async () => (await fetch(controlUrl).catch(() => null)) !== null;
  expect(await isThere()).toBe(true);

  parent.kill('SIGKILL');

  await eventually(async () => expect(await isThere()).toBe(false));
});
