import { expect } from 'vitest';
import { z } from 'zod';
import { startAnswering } from '../../flow/prometheus/answering-server.ts';
import { objectsIn, runHere } from '../run-command.ts';
import type { Ran } from '../run-command.ts';

const findingSchema = z.strictObject({
  area: z.string(),
  what: z.string(),
  state: z.enum(['ok', 'warning', 'problem', 'skipped']),
  text: z.string(),
  mend: z.string().nullable(),
  helm: z.string().nullable(),
  kustomize: z.string().nullable(),
});
export type Finding = z.output<typeof findingSchema>;
const summarySchema = z.strictObject({
  summary: z.literal(true),
  ok: z.number(),
  warning: z.number(),
  problem: z.number(),
  skipped: z.number(),
});

export type Environment = Readonly<Record<string, string>>;

/** `oomkeeper doctor` in this process. No secret of its environment may be in what it writes. */
export async function runDoctor(args: readonly string[], environment: Environment): Promise<Ran> {
  const ran = await runHere(['doctor', ...args], environment);
  const secrets = Object.entries(environment).flatMap(([name, value]) =>
    /TOKEN|SECRET|PRIVATE_KEY/.test(name) && value !== '' ? [value] : [],
  );
  // Passwords that stand in URLs, tokens in kubeconfig files, half a key.
  for (const secret of [...secrets, 'hunter2', '-----BEGIN']) expect(ran.out + ran.err).not.toContain(secret);
  return ran;
}

/** Exit code and findings. */
export async function visit(args: readonly string[], environment: Environment) {
  const { code, out } = await runDoctor([...args, '--json'], environment);
  const findings = readFindings(out);
  expect(code).toBe(findings.some(({ state }) => state === 'problem') ? 1 : 0);
  return { code, findings, of: (what: string) => findings.find((one) => one.what === what) };
}

/** The findings of `--json`. Everything that is not well says how to mend it, and the summary counts them. */
export function readFindings(out: string): readonly Finding[] {
  const objects = objectsIn(out, (object) => object);
  const findings = objects.slice(0, -1).map((one) => findingSchema.parse(one));
  const summary = summarySchema.parse(objects.at(-1));
  for (const { state, mend, helm, kustomize } of findings) {
    expect(mend !== null).toBe(state === 'warning' || state === 'problem');
    expect(kustomize === null).toBe(helm === null);
    if (mend === null) expect(helm).toBeNull();
  }
  for (const state of findingSchema.shape.state.options)
    expect(summary[state]).toBe(findings.filter((one) => one.state === state).length);
  return findings;
}

export function notWell(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ state }) => state === 'warning' || state === 'problem');
}

/** Where nobody listens. NOTE: `fetch` refuses the port 1 by itself. */
export async function closedPort(): Promise<number> {
  const server = await startAnswering({ status: 200, body: '' });
  await server.close();
  return server.port;
}
