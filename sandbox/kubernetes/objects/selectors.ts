import { badRequest } from '../server/api-error.ts';
import type { ApiResource } from '../server/coverage.ts';
import { objectOf, textOf } from './json-value.ts';
import type { JsonObject, KubeObject } from './object-store.ts';

export type Matcher = (object: KubeObject) => boolean;

const requirement =
  /^\s*(?:(?<absent>!)\s*(?<absentKey>[\w./-]+)|(?<key>[\w./-]+)\s*(?:(?<set>in|notin)\s*\((?<values>[^()]*)\)|(?<operator>==|=|!=)\s*(?<value>[\w.-]*))?)\s*$/;

/** Matcher of a label selector: equality, sets, presence. An empty selector matches everything; a bad one is a 400. */
export function labelMatcher(selector: string): Matcher {
  if (selector.trim() === '') return () => true;
  const terms = selector.split(/,(?![^()]*\))/).map(labelTerm);
  return (object) => {
    const labels = object.metadata.labels ?? {};
    return terms.every((matches) => matches(labels));
  };
}

function labelTerm(term: string): (labels: Readonly<Record<string, string>>) => boolean {
  const groups = requirement.exec(term)?.groups;
  if (groups === undefined) {
    throw badRequest(`unable to parse requirement: ${complaint(term)}`);
  }
  const { absentKey, key = '', set, values, operator, value } = groups;
  if (absentKey !== undefined) return (labels) => labels[absentKey] === undefined;
  if (set !== undefined) {
    const members = (values ?? '').split(',').map((member) => member.trim());
    return (labels) => {
      const label = labels[key];
      return set === 'in'
        ? label !== undefined && members.includes(label)
        : label === undefined || !members.includes(label);
    };
  }
  if (operator === undefined) return (labels) => labels[key] !== undefined;
  return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
}

function complaint(term: string): string {
  const doubled = /={3,}/.exec(term);
  if (doubled !== null) return "found '=', expected: identifier";
  return `found '${term.trim()}', expected: identifier`;
}

type FieldReader = (object: KubeObject) => string;

function reader(...path: readonly string[]): FieldReader {
  return (object) => {
    let value: unknown = object;
    for (const key of path) value = objectOf(value)[key];
    return typeof value === 'boolean' ? String(value) : (textOf(value) ?? '');
  };
}

const metadataFields: Readonly<Record<string, FieldReader>> = {
  'metadata.name': reader('metadata', 'name'),
  'metadata.namespace': reader('metadata', 'namespace'),
};

const involved = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

const fieldsByResource: Readonly<Record<string, Readonly<Record<string, FieldReader>>>> = {
  pods: {
    'spec.nodeName': reader('spec', 'nodeName'),
    'spec.restartPolicy': reader('spec', 'restartPolicy'),
    'spec.schedulerName': reader('spec', 'schedulerName'),
    'spec.serviceAccountName': reader('spec', 'serviceAccountName'),
    'status.phase': reader('status', 'phase'),
    'status.podIP': reader('status', 'podIP'),
    'status.nominatedNodeName': reader('status', 'nominatedNodeName'),
  },
  events: {
    ...Object.fromEntries(involved.map((field) => [`involvedObject.${field}`, reader('involvedObject', field)])),
    reason: reader('reason'),
    type: reader('type'),
    reportingComponent: reader('reportingComponent'),
    source: (object) => textOf(objectOf(object['source'])['component']) ?? reader('reportingComponent')(object),
  },
  nodes: { 'spec.unschedulable': reader('spec', 'unschedulable') },
  namespaces: { 'status.phase': reader('status', 'phase') },
  jobs: { 'status.successful': (object) => String(numberIn(objectOf(object.status), 'succeeded')) },
};

function numberIn(object: JsonObject, key: string): number {
  const value = object[key];
  return typeof value === 'number' ? value : 0;
}

/** Matcher of a field selector over the fields that a real server indexes for the resource; others are a 400. */
export function fieldMatcher(resource: ApiResource, selector: string): Matcher {
  if (selector.trim() === '') return () => true;
  const terms = selector.split(',').map((term) => {
    const match = /^(?<field>[^=!]+?)(?<operator>==|=|!=)(?<value>.*)$/.exec(term);
    const { field = '', operator = '', value = '' } = match?.groups ?? {};
    if (match === null) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    const read = metadataFields[field] ?? fieldsByResource[resource.name]?.[field];
    if (read === undefined) throw badRequest(`field label not supported: ${field}`);
    return (object: KubeObject): boolean => (read(object) === value) === (operator !== '!=');
  });
  return (object) => terms.every((matches) => matches(object));
}
