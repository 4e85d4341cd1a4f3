/**
 * The annotation with the plan's id on changed workloads, so that recovery can see in the cluster what was done. It stands
 * on the object itself and never in a pod template, where it would restart the pods.
 */
export const planAnnotation = 'oomkeeper.dev/plan';
