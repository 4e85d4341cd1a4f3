import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Environment } from '@marcbachmann/cel-js';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../../scripts/project.mjs';

const expressionSchema = z.looseObject({ expression: z.string() });
const policySchema = z.looseObject({
  kind: z.literal('ValidatingAdmissionPolicy'),
  spec: z.looseObject({
    matchConstraints: z.looseObject({
      resourceRules: z.array(z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()) }).loose()),
    }),
    matchConditions: z.array(expressionSchema),
    variables: z.array(expressionSchema.extend({ name: z.string() })).default([]),
    validations: z.array(
      expressionSchema.extend({ message: z.string().optional(), messageExpression: z.string().optional() }),
    ),
  }),
});
type Policy = z.infer<typeof policySchema>;

/** The request that an API server judges, as far as the policies read it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly subResource?: string;
  readonly namespace: string;
  readonly userInfo: { readonly username: string };
}

export interface Judged {
  readonly request: AdmissionRequest;
  readonly object: unknown;
  readonly oldObject: unknown;
}

const folder = join(projectRoot, 'deploy/kubernetes/components/admission');

/** The policies of a file in the component. */
export async function readPolicies(file: string): Promise<readonly Policy[]> {
  const documents = parseAllDocuments(await readFile(join(folder, file), 'utf8'));
  return documents.flatMap((one) => policySchema.safeParse(one.toJS()).data ?? []);
}

const environment = new Environment({ unlistedVariablesAreDyn: true });

/**
 * What an API server would answer: a message for each validation that does not hold or cannot be evaluated (failure
 * policy Fail). Empty = admitted. Variables are evaluated when they are first read, as there.
 */
export function judge({ spec }: Policy, { request, object, oldObject }: Judged): readonly string[] {
  const known = new Map<string, unknown>();
  const variables: Record<string, unknown> = {};
  const context = { request, object, oldObject, variables };
  for (const { name, expression } of spec.variables)
    Object.defineProperty(variables, name, {
      enumerable: true,
      get: () => {
        if (!known.has(name)) known.set(name, environment.evaluate(expression, context));
        return known.get(name);
      },
    });
  if (!spec.matchConditions.every(({ expression }) => environment.evaluate(expression, context) === true)) return [];
  return spec.validations.flatMap(({ expression, message, messageExpression }) => {
    try {
      if (environment.evaluate(expression, context) === true) return [];
    } catch (error) {
      return [`cannot be evaluated: ${String(error)}`];
    }
    return [
      messageExpression === undefined ? (message ?? '') : String(environment.evaluate(messageExpression, context)),
    ];
  });
}
