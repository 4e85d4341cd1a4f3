import { record, text } from '../../../core/kill/json-read.ts';
import type { Right } from './rights.ts';
import type { Transport } from '../transport/transport.ts';

/** Whether whoever asks may do this, in a namespace or (null) in all. @throws Failure */
export async function mayI(
  transport: Transport,
  { verb, group, resource }: Pick<Right, 'verb' | 'group' | 'resource'>,
  namespace: string | null,
  deadlineMs: number,
): Promise<{ readonly allowed: boolean; readonly reason: string | null }> {
  const [plural = '', subresource] = resource.split('/');
  const answer = record(
    await transport.json({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: {
            verb,
            group,
            resource: plural,
            ...(subresource === undefined ? {} : { subresource }),
            ...(namespace === null ? {} : { namespace }),
          },
        },
      },
      deadlineMs,
    }),
  );
  const status = record(answer['status']);
  return { allowed: status['allowed'] === true, reason: text(status['reason']) };
}
