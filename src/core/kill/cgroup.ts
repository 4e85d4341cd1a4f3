import { ownCopy } from '../own-copy.ts';

/** Whose cgroup a path is: one run of one container of one pod. */
export interface CgroupPlace {
  readonly podUid: string;
  /** Without the runtime's scheme. */
  readonly containerId: string;
}

/*
 * The two ways in which the kubelet names cgroups:
 *   cgroupfs  /kubepods/burstable/pod1b2c…-…/5f70…
 *   systemd   /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1b2c…_….slice/cri-containerd-5f70….scope
 */
const PLACE =
  /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?:\.slice)?\/(?:[a-z-]+-)?([0-9a-f]{12,64})(?:\.scope)?(?![0-9a-f])/;
/** A static pod's uid is a hash. */
const STATIC_PLACE = /pod([0-9a-f]{32})(?:\.slice)?\/(?:[a-z-]+-)?([0-9a-f]{12,64})(?:\.scope)?(?![0-9a-f])/;

/** The first place that a text names; null when it names none (a pod's own cgroup, `/kubepods`, `/`). */
export function readCgroup(text: string): CgroupPlace | null {
  const found = PLACE.exec(text) ?? STATIC_PLACE.exec(text);
  const [, podUid, containerId] = found ?? [];
  if (podUid === undefined || containerId === undefined) return null;
  return { podUid: ownCopy(podUid.replaceAll('_', '-')), containerId: ownCopy(containerId) };
}

/** `containerd://5f70…` as a cgroup writes it. */
export function bareContainerId(containerId: string): string {
  return containerId.slice(containerId.lastIndexOf('/') + 1);
}

export function bareOrNull(containerId: string | null): string | null {
  return containerId === null ? null : bareContainerId(containerId);
}

const WHOLE_ID = /^[0-9a-f]{64}$/;

/** Which container a series of cAdvisor is about, by its labels `id` (a cgroup) and `name`; null where they do not say. */
export function labelledPlace({ id, name }: { readonly id: string | null; readonly name: string | null }): {
  readonly podUid: string | null;
  readonly containerId: string | null;
} {
  const place = readCgroup(id ?? '');
  if (place !== null) return place;
  const [named, last] = [bareOrNull(name), bareOrNull(id)];
  const containerId = [named, last].find((one) => one !== null && WHOLE_ID.test(one)) ?? null;
  return { podUid: null, containerId: containerId === null ? null : ownCopy(containerId) };
}
