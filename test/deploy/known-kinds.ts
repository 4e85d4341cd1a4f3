import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import { ClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { ValidatingAdmissionPolicy } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy';
import { ValidatingAdmissionPolicyBinding } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding';
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

/** The kinds that the deployable set may hold, with the schema of their API version. */
const knownKinds: readonly Kind[] = [
  kindOf(ConfigMap),
  kindOf(Namespace),
  kindOf(Service),
  kindOf(ServiceAccount),
  kindOf(Deployment),
  kindOf(StatefulSet),
  kindOf(NetworkPolicy),
  kindOf(PodDisruptionBudget),
  kindOf(ClusterRole),
  kindOf(ClusterRoleBinding),
  kindOf(RoleBinding),
  kindOf(ValidatingAdmissionPolicy),
  kindOf(ValidatingAdmissionPolicyBinding),
];

/** The schema for an object; throws for a kind that the set is not to hold. */
export function kindFor({ apiVersion, kind }: Rendered): Kind {
  const found = knownKinds.find((known) => known.apiVersion === apiVersion && known.kind === kind);
  if (found === undefined) throw new Error(`no schema for ${apiVersion} ${kind}`);
  return found;
}
