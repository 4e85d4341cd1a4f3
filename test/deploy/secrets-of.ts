import { z } from 'zod';
import { ofKind, type Rendered } from './render.ts';
import { workloads } from './workloads.ts';

const texts = z.record(z.string(), z.string());
const secretSchema = z.looseObject({ data: texts.default({}), stringData: texts.default({}) });
const envSchema = z.array(
  z.strictObject({
    name: z.string(),
    value: z.string().optional(),
    valueFrom: z
      .strictObject({
        secretKeyRef: z.strictObject({ name: z.string(), key: z.string(), optional: z.boolean().optional() }),
      })
      .optional(),
  }),
);

/** What a Secret among the objects holds; throws where there is none of that name. */
export function secretNamed(objects: readonly Rendered[], name: string): Readonly<Record<string, string>> {
  const found = ofKind(objects, 'Secret').find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no Secret ${name}`);
  const { data, stringData } = secretSchema.parse(found);
  const decoded = Object.entries(data).map(
    ([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const,
  );
  return { ...Object.fromEntries(decoded), ...stringData };
}

/**
 * The variables that the container of a process starts with. Of Secrets that are not among the objects stands there
 * `SECRET/KEY`.
 */
export function environmentOf(objects: readonly Rendered[], process: string): Readonly<Record<string, string>> {
  const { container } = workloads(objects).get(`oomkeeper-${process}`) ?? {};
  if (container === undefined) throw new Error(`there is no ${process}`);
  const configMap = (name: string): Readonly<Record<string, string>> => {
    const found = ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name === name);
    return texts.parse(found?.['data']);
  };
  const sources = container.envFrom.map(({ configMapRef, secretRef }) =>
    secretRef === undefined ? configMap(configMapRef?.name ?? '') : secretNamed(objects, secretRef.name),
  );
  const single = envSchema.parse(container['env'] ?? []).map(({ name, value, valueFrom }) => {
    const { secretKeyRef } = valueFrom ?? {};
    return [name, value ?? `${secretKeyRef?.name}/${secretKeyRef?.key}`] as const;
  });
  return Object.fromEntries([...sources.flatMap(Object.entries<string>), ...single]);
}
