import { virtualNow } from '../../clock.ts';
import { ownedBy, writeStatus, type Reconcile } from './context.ts';
import { ownerReference } from './template.ts';
import { withDefaults } from '../objects/object-defaults.ts';
import { isObject, objectOf, textOf } from '../objects/json-value.ts';
import { wholeSeconds } from '../kubelet/run.ts';
import type { JsonObject, KubeObject, NewObject } from '../objects/object-store.ts';

const minuteMs = 60_000;
const firstAfterMs = 10_000;

/**
 * A new Job at each time of the schedule. Virtual time has no hours, so only the distance between two times counts:
 * A step of 5 is every five virtual minutes, an hour field without steps once a day. The first comes after 10 s.
 */
export const reconcileCronJob: Reconcile = (context, cronJob) => {
  const { store, clock, retries, again, events } = context;
  const { uid, name } = cronJob.metadata;
  const now = virtualNow(clock);
  const due = retries.get(uid);
  if (due === undefined || now >= due.at) {
    const waitMs = due === undefined ? firstAfterMs : everyMs(textOf(cronJob.spec?.['schedule']) ?? '');
    const count = (due?.failures ?? -1) + 1;
    retries.set(uid, { failures: count, at: now + waitMs });
    again('cronjobs', cronJob, waitMs);
    if (due !== undefined) {
      // The real name ends in the scheduled minute since 1970; at high speed two may fall into one real minute.
      const job = store.create('jobs', jobOf(cronJob, `${name}-${Math.floor(clock.now() / minuteMs) + count}`));
      store.write('cronjobs', cronJob.metadata.namespace, name, (draft) => {
        draft.status = { ...draft.status, lastScheduleTime: wholeSeconds(clock.now()) };
      });
      const message = `Created job ${job.metadata.name}`;
      events('cronjob-controller').record({ about: cronJob, type: 'Normal', reason: 'SuccessfulCreate', message });
    }
  }
  const current = store.get('cronjobs', cronJob.metadata.namespace, name) ?? cronJob;
  const active = ownedBy(store, 'jobs', cronJob).filter(({ status }) => typeof status?.['active'] === 'number');
  writeStatus(store, 'cronjobs', cronJob, {
    active: active.length === 0 ? undefined : active.map(reference),
    lastScheduleTime: current.status?.['lastScheduleTime'],
  });
};

function everyMs(schedule: string): number {
  const [minute = '*', hour = '*'] = schedule.split(' ');
  const step = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (step !== undefined) return Number(step) * minuteMs;
  if (minute === '*') return minuteMs;
  return (hour === '*' ? 60 : 24 * 60) * minuteMs;
}

/** A Job of the template, with the labels and selector that the API server generates from its uid. */
function jobOf(cronJob: KubeObject, name: string): NewObject {
  const { namespace } = cronJob.metadata;
  const jobTemplate = objectOf(cronJob.spec?.['jobTemplate']);
  const metadata = objectOf(jobTemplate['metadata']);
  const { labels } = metadata;
  return withDefaults('jobs', {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: {
      ...(isObject(labels) ? { labels: stringsOf(labels) } : {}),
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ownerReferences: [ownerReference(cronJob)],
    },
    spec: { ...objectOf(jobTemplate['spec']) },
  });
}

function stringsOf(labels: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}

function reference({ metadata }: KubeObject): JsonObject {
  const { name, namespace, uid } = metadata;
  return { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1' };
}
