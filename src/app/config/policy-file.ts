import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { slackIds } from '../../adapters/slack/approver-ids.ts';
import { everythingFor, policyFileSchema } from '../../core/approve/policy.ts';
import type { PolicyFile } from '../../core/approve/policy.ts';
import { Failure } from '../../core/failure.ts';
import type { Config } from './config.ts';
import { nearest } from '../../core/talk/edit-distance.ts';
import { textBounds } from '../../core/units/text-bounds.ts';

/**
 * Who may approve what, which incidents go to which channel and reach whom, who is called for them, and who may read of them elsewhere: from the policy file, else from OOMKEEPER_APPROVERS. A
 * file replaces the list, so that there is only one source of rights.
 * @throws Failure('bad-configuration') that names every problem by its place in the file
 */
export async function readPolicy(
  config: Pick<Config, 'OOMKEEPER_POLICY' | 'OOMKEEPER_APPROVERS'>,
): Promise<PolicyFile> {
  const { OOMKEEPER_POLICY: path, OOMKEEPER_APPROVERS: approvers } = config;
  if (path === '') return { ...policyFileSchema(slackIds).parse({}), approvals: [...everythingFor(approvers)] };
  if (approvers.length > 0)
    throw new Failure(
      'bad-configuration',
      'OOMKEEPER_POLICY and OOMKEEPER_APPROVERS are both set; only one of them can say who may approve. Empty one of them.',
    );
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure('bad-configuration', `The policy file ${path} cannot be read (OOMKEEPER_POLICY): ${why}`, {
      cause: error,
    });
  }
  return parsePolicy(text, path);
}

/** @throws Failure('bad-configuration') */
export function parsePolicy(text: string, path: string): PolicyFile {
  if (text.length > textBounds.policyFile)
    throw new Failure('bad-configuration', `The policy file ${path} is longer than 1 MiB.`);
  let raw: unknown;
  try {
    raw = parse(text, { logLevel: 'error' });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure('bad-configuration', `The policy file ${path} is not YAML: ${why}`, { cause: error });
  }
  const parsed = policyFileSchema(slackIds).safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  throw new Failure(
    'bad-configuration',
    `The policy file ${path} is not as it should be:\n${z.prettifyError(parsed.error)}${meantWords(parsed.error)}`,
  );
}

/** What misspelt words of it may have meant, a line for each; '' where none is near. */
function meantWords({ issues }: z.ZodError): string {
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const words = wordsOf(z.toJSONSchema(policyFileSchema(slackIds), { io: 'input', unrepresentable: 'any' }));
  return unknown
    .flatMap((key) => nearest(key, words, 1, 2).map((word) => `\nDid you mean "${word}" instead of "${key}"?`))
    .join('');
}

/** Every key that a JSON Schema has anywhere. */
function wordsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own =
    'properties' in schema && typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];
  return [...new Set([...own, ...Object.values(schema).flatMap(wordsOf)])];
}
