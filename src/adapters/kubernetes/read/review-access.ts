import { clientsOver } from '../transport/clients.ts';
import type { Transport } from '../transport/transport.ts';
import type { Right } from './rights.ts';

/** Whether our own account may do this, in a namespace or (null) in all. @throws Failure */
export async function mayI(
  transport: Transport,
  { verb, group, resource }: Pick<Right, 'verb' | 'group' | 'resource'>,
  namespace: string | null,
  deadlineMs: number,
): Promise<{ readonly allowed: boolean; readonly reason: string | null }> {
  const [plural = '', subresource] = resource.split('/');
  const resourceAttributes = {
    verb,
    group,
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === null ? {} : { namespace }),
  };
  const { authorization } = clientsOver(transport, deadlineMs);
  const { status } = await authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
  return { allowed: status?.allowed === true, reason: status?.reason ?? null };
}
