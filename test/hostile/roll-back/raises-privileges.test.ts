import { expect, test } from 'vitest';
import type { JsonRecord } from '../../../src/core/kill/json-read.ts';
import { raisesPrivileges } from '../../../src/core/remediate/roll-back/raises-privileges.ts';
import { isLinear } from '../growth.ts';

const app = { name: 'app', image: 'shop/web:1' };

function template(container: JsonRecord = {}, spec: JsonRecord = {}, annotations: JsonRecord = {}): JsonRecord {
  return { metadata: { annotations }, spec: { containers: [{ ...app, ...container }], ...spec } };
}

/** The container's security context. */
function secured(securityContext: JsonRecord): JsonRecord {
  return template({ securityContext });
}

function podSecured(securityContext: JsonRecord, container: JsonRecord = {}): JsonRecord {
  return template(container, { securityContext });
}

function mounted(volume: JsonRecord, mount: JsonRecord = {}): JsonRecord {
  return template(
    { volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] },
    { volumes: [{ name: 'v', ...volume }] },
  );
}

const hostPath = { hostPath: { path: '/var/run' } };
const seccomp = (type: string, localhostProfile?: string): JsonRecord =>
  secured({ seccompProfile: localhostProfile === undefined ? { type } : { type, localhostProfile } });
const appArmor = (type: string): JsonRecord => secured({ appArmorProfile: { type } });
const oldAppArmor = (value: string): JsonRecord =>
  template({}, {}, { 'container.apparmor.security.beta.kubernetes.io/app': value });
const token = { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } };
const beside = (securityContext: JsonRecord, group = 'containers'): JsonRecord => ({
  spec: { containers: [app], [group]: [...(group === 'containers' ? [app] : []), { name: 'log', securityContext }] },
});

/** Containers that each drop other capabilities. */
const drops = (...lists: readonly (readonly string[])[]): JsonRecord => ({
  spec: {
    containers: lists.map((drop, index) => ({ name: `c${index}`, securityContext: { capabilities: { drop } } })),
  },
});
const plain = template();
const noEscalation = { allowPrivilegeEscalation: false };
const dropsAll = { capabilities: { drop: ['ALL'] } };

/** Each present template and an earlier one that may do more. */
const raised: readonly [string, JsonRecord, JsonRecord, RegExp][] = [
  ['privileged', plain, secured({ privileged: true }), /app: it would be privileged/],
  ['escalation by what is unset', secured(noEscalation), plain, /allowPrivilegeEscalation/],
  ['escalation', secured(noEscalation), secured({ allowPrivilegeEscalation: true }), /allowPrivilegeEscalation/],
  ['a capability', plain, secured({ capabilities: { add: ['SYS_ADMIN'] } }), /capability SYS_ADMIN/],
  [
    'another capability',
    secured({ capabilities: { add: ['NET_ADMIN'] } }),
    secured({ capabilities: { add: ['NET_ADMIN', 'CAP_BPF'] } }),
    /^container app: it would have the capability BPF$/,
  ],
  ['all capabilities', plain, secured({ capabilities: { add: ['ALL'] } }), /capability ALL/],
  ['nothing dropped', secured(dropsAll), plain, /no longer drop all capabilities/],
  ['less dropped', secured(dropsAll), secured({ capabilities: { drop: ['NET_RAW'] } }), /no longer drop all/],
  [
    'one not dropped',
    secured({ capabilities: { drop: ['NET_RAW', 'KILL'] } }),
    secured({ capabilities: { drop: ['KILL'] } }),
    /drop the capability NET_RAW/,
  ],
  ['root by number', secured({ runAsUser: 1000 }), secured({ runAsUser: 0 }), /run as root/],
  ['root by number, of the pod', podSecured({ runAsUser: 1000 }), podSecured({ runAsUser: 0 }), /run as root/],
  ['perhaps root', secured({ runAsNonRoot: true }), plain, /might run as root/],
  ['perhaps root, no user named', secured({ runAsUser: 1000 }), plain, /might run as root/],
  [
    'root in one container of a pod that is not',
    podSecured({ runAsNonRoot: true }),
    podSecured({ runAsNonRoot: true }, { securityContext: { runAsNonRoot: false } }),
    /might run as root/,
  ],
  ['the group root', secured({ runAsGroup: 1000 }), secured({ runAsGroup: 0 }), /group root/],
  ['a supplemental group', plain, podSecured({ supplementalGroups: [999] }), /group 999/],
  ['files of the group root', plain, podSecured({ fsGroup: 0 }), /group root/],
  ['a root file system to write to', secured({ readOnlyRootFilesystem: true }), plain, /no longer be read-only/],
  ['the network of the host', plain, template({}, { hostNetwork: true }), /hostNetwork/],
  ['the processes of the host', plain, template({}, { hostPID: true }), /hostPID/],
  ['the IPC of the host', plain, template({}, { hostIPC: true }), /hostIPC/],
  ['one process namespace', plain, template({}, { shareProcessNamespace: true }), /shareProcessNamespace/],
  ['no user namespace', template({}, { hostUsers: false }), plain, /user namespace/],
  ['a host path', plain, mounted(hostPath), /host path \/var\/run/],
  ['another host path', mounted({ hostPath: { path: '/data' } }), mounted(hostPath), /host path \/var\/run/],
  ['a host path to write to', mounted(hostPath, { readOnly: true }), mounted(hostPath), /could write to hostPath/],
  [
    'the whole of a host path',
    mounted(hostPath, { subPath: 'web' }),
    mounted(hostPath),
    /it would reach hostPath \/var\/run/,
  ],
  [
    'a host path in another container',
    template({}, { volumes: [{ name: 'v', ...hostPath }] }),
    mounted(hostPath),
    /app/,
  ],
  ['mounts that propagate', mounted(hostPath), mounted(hostPath, { mountPropagation: 'Bidirectional' }), /propagated/],
  ['a port of the node', plain, template({ ports: [{ containerPort: 80, hostPort: 80 }] }), /port 80\/TCP/],
  ['no seccomp', seccomp('RuntimeDefault'), seccomp('Unconfined'), /without seccomp/],
  ['no seccomp where the node decided', plain, seccomp('Unconfined'), /without seccomp/],
  ['no seccomp of its own', seccomp('RuntimeDefault'), plain, /seccomp/],
  ['another seccomp profile', seccomp('Localhost', 'a'), seccomp('Localhost', 'b'), /Localhost b/],
  ['an unknown seccomp profile', seccomp('RuntimeDefault'), seccomp('Localhost', 'b'), /Localhost b/],
  ['no AppArmor', appArmor('RuntimeDefault'), appArmor('Unconfined'), /without AppArmor/],
  ['no AppArmor, as it was written', oldAppArmor('runtime/default'), oldAppArmor('unconfined'), /without AppArmor/],
  ['another SELinux label', plain, secured({ seLinuxOptions: { type: 'spc_t' } }), /SELinux/],
  ['no SELinux label', secured({ seLinuxOptions: { type: 'svirt_t' } }), plain, /SELinux/],
  ['/proc unmasked', plain, secured({ procMount: 'Unmasked' }), /unmasked/],
  ['another service account', plain, template({}, { serviceAccountName: 'admin' }), /service account would be admin/],
  ['another service account, as it was written', plain, template({}, { serviceAccount: 'admin' }), /admin/],
  ['the default service account', template({}, { serviceAccountName: 'web' }), plain, /would be default/],
  ['a token', template({}, { automountServiceAccountToken: false }), plain, /token/],
  ['a token that is asked for', plain, template({}, { automountServiceAccountToken: true }), /token/],
  ['a projected token', plain, mounted(token), /serviceAccountToken/],
  ['a Secret as files', plain, mounted({ secret: { secretName: 'db' } }), /read the Secret db/],
  ['another Secret', mounted({ secret: { secretName: 'a' } }), mounted({ secret: { secretName: 'b' } }), /Secret b/],
  ['a projected Secret', plain, mounted({ projected: { sources: [{ secret: { name: 'db' } }] } }), /Secret db/],
  [
    'a Secret as a variable',
    plain,
    template({ env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'db', key: 'p' } } }] }),
    /Secret db/,
  ],
  ['a Secret as variables', plain, template({ envFrom: [{ secretRef: { name: 'db' } }] }), /Secret db/],
  ['a driver', plain, mounted({ csi: { driver: 'secrets-store.csi.k8s.io' } }), /secrets-store/],
  ['a kind of volume that nobody knows yet', plain, mounted({ hostMemory: { all: true } }), /hostMemory/],
  ['a host process', plain, podSecured({ windowsOptions: { hostProcess: true } }), /hostProcess/],
  ['a user of Windows', secured({ windowsOptions: { runAsUserName: 'web' } }), plain, /runAsUserName/],
  ['a sysctl', plain, podSecured({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] }), /kernel.msgmax=1/],
  ['another runtime', template({}, { runtimeClassName: 'gvisor' }), plain, /no longer be gvisor/],
  ['a setting that nobody knows yet', plain, secured({ allowEverything: true }), /allowEverything/],
  ['a new container', plain, beside({ privileged: true }), /container log: it would be privileged/],
  ['a new init container', plain, beside({ privileged: true }, 'initContainers'), /log: it would be privileged/],
  ['a new container that may more', secured(dropsAll), beside({}), /log: it would no longer drop all/],
  [
    'a new container that drops less than each of the others',
    drops(['ALL'], ['NET_RAW', 'KILL']),
    drops(['ALL'], ['NET_RAW', 'KILL'], ['KILL']),
    /^container c2: it would no longer drop the capability NET_RAW$/,
  ],
];

test.each(raised)(
  'an earlier template with %s raises privileges, and the reason names it',
  (_, present, earlier, why) => {
    expect(raisesPrivileges(present, earlier).join('\n')).toMatch(why);
  },
);

test.each(raised)('the way back from %s is another question', (_, present, earlier) => {
  expect(raisesPrivileges(present, present)).toEqual([]);
  expect(raisesPrivileges(earlier, earlier)).toEqual([]);
});

/** Each present template and an earlier one that may do no more. */
const harmless: readonly [string, JsonRecord, JsonRecord][] = [
  ['another image', plain, template({ image: 'shop/web:0' })],
  ['fewer capabilities', secured({ capabilities: { add: ['ALL'] } }), secured({ capabilities: { add: ['BPF'] } })],
  ['more dropped', secured({ capabilities: { drop: ['KILL'] } }), secured(dropsAll)],
  [
    'one of those that a privileged container has',
    secured({ privileged: true }),
    secured({ capabilities: { add: ['BPF'] } }),
  ],
  [
    'the same capability in other words',
    secured({ capabilities: { add: ['CAP_BPF'] } }),
    secured({ capabilities: { add: ['bpf'] } }),
  ],
  ['another user than root', secured({ runAsUser: 1000 }), secured({ runAsUser: 2000 })],
  ['a user instead of a promise', secured({ runAsNonRoot: true }), secured({ runAsUser: 2000 })],
  ['what the pod says instead of the container', secured({ runAsUser: 1000 }), podSecured({ runAsUser: 1000 })],
  ['a stricter profile', seccomp('Unconfined'), seccomp('RuntimeDefault')],
  ['a profile where there was none', plain, seccomp('RuntimeDefault')],
  ['AppArmor in the new words', oldAppArmor('runtime/default'), appArmor('RuntimeDefault')],
  ['a part of a host path', mounted(hostPath), mounted(hostPath, { subPath: 'web' })],
  ['a config map', plain, mounted({ configMap: { name: 'a' } })],
  ['scratch space', plain, mounted({ emptyDir: {} })],
  [
    'the same account under its old name',
    template({}, { serviceAccountName: 'a' }),
    template({}, { serviceAccount: 'a' }),
  ],
  ['no token', plain, template({}, { automountServiceAccountToken: false })],
  ['a new container like the others', plain, beside({})],
  [
    'a new container that drops what each of the others does',
    drops(['ALL'], ['NET_RAW']),
    drops(['ALL'], ['NET_RAW'], ['NET_RAW']),
  ],
  ['a container less', beside({ privileged: true }), plain],
];

test.each(harmless)('an earlier template with %s raises nothing', (_, present, earlier) => {
  expect(raisesPrivileges(present, earlier)).toEqual([]);
});

/** So many containers, each with a privilege of its own, and names that the other template has not. */
function crowd(count: number, name: string): JsonRecord {
  const containers = Array.from({ length: count }, (_, index) => ({
    name: `${name}${index}`,
    securityContext: { capabilities: { drop: ['ALL'], add: [`X${index}`] } },
  }));
  return { spec: { containers } };
}

test('a template with thousands of containers stops nobody', () => {
  expect(isLinear((size) => raisesPrivileges(crowd(size, 'a'), crowd(size, 'b')), 1_500)).toBe(true);
  expect(raisesPrivileges(crowd(1_500, 'a'), crowd(1_500, 'b'))).toEqual([]);
});
