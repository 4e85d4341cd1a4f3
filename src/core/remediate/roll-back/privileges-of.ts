import { record, records, text, texts } from '../../kill/json-read.ts';
import type { JsonRecord } from '../../kill/json-read.ts';
import { canonicalJson } from '../fields-hash.ts';
import { hostPortFacts, mountFacts, secretFacts } from './reach-of.ts';
import { when } from './privilege-fact.ts';
import type { PrivilegeFact as Fact } from './privilege-fact.ts';

/*
 * What a pod template lets its containers do beyond an ordinary one (`has`), and what holds them back (`bound`). Each is
 * a key that can be compared and the words for it. A key `group:*` stands for every key of its group. What Kubernetes
 * has not yet got, or what is not listed here, counts as a privilege too: an unknown field must not pass unseen.
 */
export interface Privileges {
  readonly has: ReadonlyMap<string, string>;
  readonly bound: ReadonlyMap<string, string>;
}

const groups = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** All containers of a pod spec by their names, init containers too. */
export function containersOf(podSpec: JsonRecord): ReadonlyMap<string, JsonRecord> {
  const all = groups.flatMap((group) => records(podSpec[group]));
  return new Map(all.map((container) => [text(container['name']) ?? '', container]));
}

/** Of the pod as a whole. Pure. */
export function podPrivileges(podSpec: JsonRecord): Privileges {
  const security = record(podSpec['securityContext']);
  const account = text(podSpec['serviceAccountName']) ?? text(podSpec['serviceAccount']) ?? 'default';
  const token = podSpec['automountServiceAccountToken'];
  const runtime = text(podSpec['runtimeClassName']);
  return {
    has: facts([
      ...['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'].map((field) =>
        when(podSpec[field] === true, field, `${field} would be on`),
      ),
      [`account:${account}`, `the service account would be ${account}`],
      when(token !== false, 'token', 'the token of the service account would no longer be kept out'),
      when(token === true, 'token-on', 'the token of the service account would be mounted'),
      runtime === null ? null : [`runtime:${runtime}`, `the runtime class would be ${runtime}`],
      ...records(security['sysctls']).map((one): Fact => {
        const set = `${String(one['name'])}=${String(one['value'])}`;
        return [`sysctl:${set}`, `the sysctl ${set} would be set`];
      }),
      when(security['fsGroup'] === 0, 'group:0', 'its files would belong to the group root'),
      ...listOf(security['supplementalGroups']).map((group): Fact => [
        `group:${group}`,
        `it would be in the group ${group}`,
      ]),
      ...unknownFields(security, podSecurityFields, 'the security context'),
      ...records(podSpec['volumes']).map((volume): Fact => {
        const { path } = texts(volume['hostPath']);
        return path === undefined ? null : [`source:hostPath ${path}`, `the host path ${path} would be a volume`];
      }),
    ]),
    bound: facts([
      when(podSpec['hostUsers'] === false, 'user-namespace', 'it would lose its own user namespace'),
      runtime === null ? null : [`runtime:${runtime}`, `the runtime class would no longer be ${runtime}`],
      ...unknownFields(security, podSecurityFields, 'the security context'),
    ]),
  };
}

/** Of one container, with what it inherits from its pod. `annotations` are the template's. Pure. */
export function containerPrivileges(
  container: JsonRecord,
  podSpec: JsonRecord,
  annotations: Readonly<Record<string, string>>,
): Privileges {
  const pod = record(podSpec['securityContext']);
  const own = record(container['securityContext']);
  const name = text(container['name']) ?? '';
  const privileged = own['privileged'] === true;
  const user = own['runAsUser'] ?? pod['runAsUser'];
  const nonRoot = (own['runAsNonRoot'] ?? pod['runAsNonRoot']) === true || (typeof user === 'number' && user > 0);
  const group = own['runAsGroup'] ?? pod['runAsGroup'];
  const windowsFacts = Object.entries({ ...record(pod['windowsOptions']), ...record(own['windowsOptions']) }).map(
    ([key, value]): Fact =>
      value === false || value === null
        ? null
        : [`windows:${key}=${canonicalJson(value)}`, `the Windows option ${key} would be another`],
  );
  const seLinux = own['seLinuxOptions'] ?? pod['seLinuxOptions'];
  const seLinuxFact: Fact =
    seLinux === undefined || seLinux === null
      ? null
      : [`selinux:${canonicalJson(seLinux)}`, 'its SELinux label would be another'];
  const { add, drop } = record(own['capabilities']);
  const appArmor = annotations[`container.apparmor.security.beta.kubernetes.io/${name}`];
  return {
    has: facts([
      when(privileged, 'privileged', 'it would be privileged'),
      when(privileged, 'add:*', 'it would have all capabilities'),
      when(user === 0, 'root', 'it would run as root'),
      when(group === 0, 'root-group', 'it would run with the group root'),
      ...capabilities(add).map((one): Fact => [
        `add:${one === 'ALL' ? '*' : one}`,
        `it would have the capability ${one}`,
      ]),
      when(text(own['procMount']) === 'Unmasked', 'unmasked', '/proc would be unmasked'),
      ...profile('seccomp', own['seccompProfile'] ?? pod['seccompProfile']),
      ...profile('AppArmor', own['appArmorProfile'] ?? pod['appArmorProfile'] ?? ofAnnotation(appArmor)),
      seLinuxFact,
      ...windowsFacts,
      ...hostPortFacts(container),
      ...secretFacts(container),
      ...mountFacts(container, podSpec),
      ...unknownFields(own, securityFields, 'its security context'),
    ]),
    bound: facts([
      when(
        own['allowPrivilegeEscalation'] === false && !privileged,
        'no-escalation',
        'it could gain privileges (allowPrivilegeEscalation)',
      ),
      when(nonRoot, 'not-root', 'it might run as root'),
      when(typeof group === 'number' && group > 0, 'group', 'it might run with the group root'),
      when(own['readOnlyRootFilesystem'] === true, 'read-only', 'its root file system would no longer be read-only'),
      ...capabilities(drop).map((one): Fact => [
        `drop:${one === 'ALL' ? '*' : one}`,
        `it would no longer drop ${one === 'ALL' ? 'all capabilities' : `the capability ${one}`}`,
      ]),
      seLinuxFact,
      ...windowsFacts,
      ...unknownFields(own, securityFields, 'its security context'),
    ]),
  };
}

/** Fields whose meaning is known; another one that differs counts as a privilege. */
const securityFields = [
  'allowPrivilegeEscalation',
  'appArmorProfile',
  'capabilities',
  'privileged',
  'procMount',
  'readOnlyRootFilesystem',
  'runAsGroup',
  'runAsNonRoot',
  'runAsUser',
  'seLinuxOptions',
  'seccompProfile',
  'windowsOptions',
];
const podSecurityFields = [
  ...securityFields,
  'fsGroup',
  'fsGroupChangePolicy',
  'seLinuxChangePolicy',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'sysctls',
];

/** Without a profile a container has whatever the node has; `Unconfined` is less than that. */
function profile(what: 'seccomp' | 'AppArmor', value: unknown): Fact[] {
  const { type, localhostProfile } = texts(value);
  const none: Fact = [`${what}:*`, `it would run without a ${what} profile of its own`];
  if (type === undefined) return [none];
  if (type === 'Unconfined') return [none, [`${what}-off`, `it would run without ${what} (Unconfined)`]];
  const named = `${type} ${localhostProfile ?? ''}`.trim();
  return [[`${what}:${named}`, `its ${what} profile would be ${named}`]];
}

function ofAnnotation(value: string | undefined): JsonRecord | undefined {
  if (value === undefined) return undefined;
  if (value === 'runtime/default') return { type: 'RuntimeDefault' };
  if (value.startsWith('localhost/')) return { type: 'Localhost', localhostProfile: value.slice('localhost/'.length) };
  return { type: 'Unconfined' };
}

function unknownFields(security: JsonRecord, known: readonly string[], where: string): Fact[] {
  return Object.entries(security).map(([key, value]): Fact =>
    known.includes(key) || value === null
      ? null
      : [`field:${key}=${canonicalJson(value)}`, `${where} would differ in ${key}`],
  );
}

function capabilities(list: unknown): readonly string[] {
  return listOf(list).map((one) => one.toUpperCase().replace(/^CAP_/, ''));
}

function listOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

function facts(list: readonly Fact[]): ReadonlyMap<string, string> {
  return new Map(list.filter((fact) => fact !== null));
}
