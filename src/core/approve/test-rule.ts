import { z } from 'zod';
import { globsSchema, matchesGlob } from '../units/glob.ts';

/** Namespaces by name and never by a glob: each needs a right of its own. */
export const testRuleSchema = z
  .strictObject({
    clusters: globsSchema.prefault(['*']),
    namespaces: z
      .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a namespace'))
      .min(1, 'names no namespace'),
    /** With sh, sleep and dd. */
    image: z
      .string()
      .regex(/^\w[\w.:/@-]{0,254}$/, 'must be the name of an image')
      .nullable()
      .default(null),
  })
  .readonly();
/** Where `/oom test` may make a pod that is killed once, and what it runs; null = the usual image. */
export type TestRule = z.infer<typeof testRuleSchema>;

/** Those of a cluster, each namespace once, in the order of the policy file. */
export function testPlaces(
  rules: readonly TestRule[],
  cluster: string,
): readonly { readonly namespace: string; readonly image: string | null }[] {
  const places = rules
    .filter(({ clusters }) => clusters.some((glob) => matchesGlob(glob, cluster)))
    .flatMap(({ namespaces, image }) => namespaces.map((namespace) => ({ namespace, image })));
  return places.filter(({ namespace }, index) => places.findIndex((one) => one.namespace === namespace) === index);
}
