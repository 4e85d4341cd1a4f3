import type { Subject } from '../../kill/kill.ts';
import type { ManifestEdit } from './manifest-edit.ts';
import type { Plan } from '../plan.ts';

/** What a plan changes in the manifest of its subject's workload. */
export function editOf({ container, to, env }: Plan, { namespace, workload }: Subject): ManifestEdit {
  return { kind: workload.kind, name: workload.name, namespace, container, to, env };
}
