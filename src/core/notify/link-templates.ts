import { z } from 'zod';
import type { Incident, Tally } from '../incident/incident.ts';
import { latestTrigger } from '../incident/triggers.ts';
import { hourMs, minuteMs } from '../units/duration.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';
import type { Link } from './impact.ts';

/** What a template may name, in braces. */
const fields = [
  'cluster',
  'namespace',
  'kind',
  'workload',
  'container',
  'pod',
  'node',
  'incident',
  'from',
  'to',
] as const;
type Field = (typeof fields)[number];

const mostLinks = 8;
const longestUrl = 800;
/** Before the first kill and after the last one. */
const beforeMs = hourMs;
const afterMs = 15 * minuteMs;

const urlSchema = z
  .string()
  .max(500)
  .superRefine((template, context) => {
    const complain = (message: string): void => {
      context.addIssue({ code: 'custom', message, input: template });
    };
    const unknown = [...template.matchAll(/\{([^{}]*)\}/g)]
      .map(([, name = '']) => name)
      .filter((name) => !isField(name));
    if (unknown.length > 0)
      complain(`knows no {${unknown[0] ?? ''}}; there are ${fields.map((one) => `{${one}}`).join(', ')}`);
    // A name of the cluster must not decide which server is asked.
    else if (!/^https?:\/\/[^\s/?#{}@]+(?:[/?#]|$)/.test(template))
      complain('must be an https:// or http:// address whose host has no {field}');
    else if (/[\s<>|"\\^`]/.test(template.replaceAll(/\{\w+\}/g, '')))
      complain('must be an address without spaces and < > | " \\ ^ `');
  });

export const linkTemplateSchema = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(40)
      .regex(/^[^<>|]*$/, 'must be without < > |'),
    url: urlSchema,
    clusters: globsSchema.prefault(['*']),
    namespaces: globsSchema.prefault(['*']),
  })
  .readonly();
export type LinkTemplate = z.infer<typeof linkTemplateSchema>;

/**
 * The links of an incident: each template with the incident's fields, which come from the cluster and are encoded so
 * that they stay one part of a path or one value of a query. `{from}` and `{to}` are ms since 1970, as Grafana takes
 * them. One that lacks a field, or gets too long, is left out.
 */
export function linksOf(
  { incident, tally }: { readonly incident: Incident; readonly tally: Tally },
  templates: readonly LinkTemplate[],
): readonly Link[] {
  const { cluster, namespace, workload, container } = incident.subject;
  const { pod, node } = latestTrigger({ incident, tally });
  const values: Readonly<Record<Field, string | null>> = {
    cluster,
    namespace,
    kind: workload.kind,
    workload: workload.name,
    container,
    pod: pod === '' ? null : pod,
    node,
    incident: incident.id,
    from: String(tally.firstAt - beforeMs),
    to: String(tally.lastAt + afterMs),
  };
  return templates
    .filter(
      (one) =>
        one.clusters.some((glob) => matchesGlob(glob, cluster)) &&
        one.namespaces.some((glob) => matchesGlob(glob, namespace ?? '')),
    )
    .map(({ name, url }) => ({ name, url: filled(url, values) }))
    .filter((link): link is Link => link.url !== null && link.url.length <= longestUrl)
    .slice(0, mostLinks);
}

function filled(template: string, values: Readonly<Record<Field, string | null>>): string | null {
  const used = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).filter(isField);
  if (used.some((name) => values[name] === null)) return null;
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    isField(name) ? encoded(values[name] ?? '') : whole,
  );
}

/** `encodeURIComponent` leaves these alone, and a bare `..` would lead elsewhere. */
function encoded(value: string): string {
  return encodeURIComponent(value.toWellFormed())
    .replaceAll(/[!'()*]/g, (sign) => `%${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}`)
    .replace(/^\.{1,2}$/, '');
}

function isField(name: string): name is Field {
  return fields.some((one) => one === name);
}
