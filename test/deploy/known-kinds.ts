import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Pod } from 'kubernetes-models/v1/Pod';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import { ClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { ValidatingAdmissionPolicy } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy';
import { ValidatingAdmissionPolicyBinding } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding';
import { z } from 'zod';
import type { Rendered } from './render.ts';

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  /** What is wrong with an object of this kind; null when nothing is. A field too many is not seen. */
  readonly complaint: (object: Rendered) => string | null;
}

interface Model {
  // It takes what is right already; here it is to say whether it is.
  new (data: never): { readonly validate: () => void };
  readonly apiVersion: string;
  readonly kind: string;
}

function kindOf(model: Model): Kind {
  const { apiVersion, kind } = model;
  return {
    apiVersion,
    kind,
    complaint: (object) => {
      try {
        new model(object as never).validate();
        return null;
      } catch (error) {
        return String(error);
      }
    },
  };
}

const selector = z.strictObject({ matchLabels: z.record(z.string(), z.string()) });
const endpoint = z.strictObject({ port: z.string(), path: z.string() });

/** A kind of the Prometheus operator, whose schemas no package here has: the fields that ours use. */
function ofOperator(kind: string, spec: z.ZodType): Kind {
  const schema = z.strictObject({
    apiVersion: z.literal('monitoring.coreos.com/v1'),
    kind: z.literal(kind),
    metadata: z.looseObject({ name: z.string() }),
    spec,
  });
  const complaint = (object: Rendered): string | null => schema.safeParse(object).error?.message ?? null;
  return { apiVersion: 'monitoring.coreos.com/v1', kind, complaint };
}

/** The kinds that the deployable set may hold, with the schema of their API version. */
const knownKinds: readonly Kind[] = [
  kindOf(ConfigMap),
  kindOf(Namespace),
  kindOf(Pod),
  kindOf(Secret),
  kindOf(Service),
  kindOf(ServiceAccount),
  kindOf(Deployment),
  kindOf(StatefulSet),
  kindOf(Ingress),
  kindOf(NetworkPolicy),
  kindOf(PodDisruptionBudget),
  kindOf(ClusterRole),
  kindOf(ClusterRoleBinding),
  kindOf(Role),
  kindOf(RoleBinding),
  kindOf(ValidatingAdmissionPolicy),
  kindOf(ValidatingAdmissionPolicyBinding),
  ofOperator('PodMonitor', z.strictObject({ selector, podMetricsEndpoints: z.array(endpoint).length(1) })),
  ofOperator('ServiceMonitor', z.strictObject({ selector, endpoints: z.array(endpoint).length(1) })),
  ofOperator('PrometheusRule', z.strictObject({ groups: z.array(z.looseObject({ name: z.string() })).min(1) })),
];

/** The schema for an object; throws for a kind that the set is not to hold. */
export function kindFor({ apiVersion, kind }: Rendered): Kind {
  const found = knownKinds.find((known) => known.apiVersion === apiVersion && known.kind === kind);
  if (found === undefined) throw new Error(`no schema for ${apiVersion} ${kind}`);
  return found;
}
