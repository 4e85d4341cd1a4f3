import { subjectKey, type Subject } from '../../core/kill/kill.ts';

/*
 * Every key in one place. The braces are Redis Cluster's hash tag: all keys of one cluster's store and queues lie in
 * one slot, so a commit can touch them in one script. BullMQ puts its queues below the same tags (queues.ts).
 *
 *   {oomkeeper:CLUSTER}:ledger            sorted set  fingerprint -> ms when it was admitted
 *   {oomkeeper:CLUSTER}:open:SUBJECT      string      id of the open incident
 *   {oomkeeper:CLUSTER}:last:SUBJECT      string      id of the latest closed incident
 *   {oomkeeper:CLUSTER}:open              sorted set  open incident -> ms of its latest kill
 *   {oomkeeper:CLUSTER}:incident:ID       hash        version, state, document; count, firstAt, lastAt of its kills;
 *                                                     advancing, crashes, asideUntil (store/attempts.ts);
 *                                                     showing, showCrashes, showAsideUntil, showAsideUntold (slack/showing.ts)
 *   {oomkeeper:CLUSTER}:recent:ID         sorted set  kill (JSON) -> ms when it happened
 *   {oomkeeper:CLUSTER}:timeline:ID       stream      e = entry (JSON)
 *   {oomkeeper:CLUSTER}:requests:ID       hash        request id -> undecided request (JSON)
 *   {oomkeeper:CLUSTER}:asked:ID          sorted set  request id -> ms when it was recorded
 *   {oomkeeper:CLUSTER}:due               sorted set  incident -> ms when it is due for the worker
 *   {oomkeeper:CLUSTER}:due:bot           sorted set  incident -> ms when it is due for the bot
 *   {oomkeeper:CLUSTER}:posting:ID        hash        revision, document, what was shown
 *   {oomkeeper:CLUSTER}:due:alarms        sorted set  incident -> ms when receivers are due to be told of it
 *   {oomkeeper:CLUSTER}:alarm:ID          hash        revision, document: what receivers were told
 *   {oomkeeper:CLUSTER}:alarm-lease:ID    string      token of the bot that tells them
 *   {oomkeeper:CLUSTER}:lease:ID          string      token of the worker that advances it
 *   {oomkeeper:CLUSTER}:audit             stream      a = line of the audit record (JSON)
 *   {oomkeeper:CLUSTER}:results           stream      r = result of a change (JSON)
 *   {oomkeeper:CLUSTER}:pause             string      the kill switch (JSON), while it is set
 *   {oomkeeper:CLUSTER}:pause-change      hash        count of its changes; change = the latest (JSON)
 *   {oomkeeper:CLUSTER}:pause-told:CHANNEL  hash      revision, document: which change was told there
 *   {oomkeeper:CLUSTER}:limits:SUBJECT    sorted set  ms and limit (JSON) before a change -> ms of the change
 *   {oomkeeper:CLUSTER}:silence:SUBJECT   string      silence (JSON), until it ends
 *   {oomkeeper:CLUSTER}:silenced          sorted set  subject (JSON) -> ms when its silence ends
 *   {oomkeeper:CLUSTER}:chart:CHART       string      series of usage (JSON)
 *   {oomkeeper:CLUSTER}:suspects          hash        fingerprint -> suspect (JSON)
 *   {oomkeeper:CLUSTER}:suspects:order    sorted set  fingerprint -> ms when it was kept
 *   {oomkeeper:CLUSTER}:killed-pods       sorted set  ID NAMESPACE/POD WORKLOAD -> ms of its latest kill there
 *   {oomkeeper:CLUSTER}:image:REPOSITORY  sorted set  ID SUBJECT -> ms of its latest kill with that image
 *   {oomkeeper:CLUSTER}:ignored           hash        fingerprint -> ignored termination (JSON)
 *   {oomkeeper:CLUSTER}:ignored:order     sorted set  fingerprint -> ms when it was kept
 *   {oomkeeper:CLUSTER}:child-run:ID      sorted set  fingerprint -> its number among the processes killed in a container run
 *   {oomkeeper:CLUSTER}:child-count:ID    string      counter of kernel kills in a container run (JSON)
 *   {oomkeeper:CLUSTER}:kills-dead        list        dead kill jobs (JSON), newest first
 *   {oomkeeper:CLUSTER}:kills-dead:count  string      how many there ever were
 *   {oomkeeper:CLUSTER}:namespaces        string      namespaces of the cluster (JSON)
 *   {oomkeeper:CLUSTER}:checkpoint        hash        stream -> checkpoint (JSON)
 *   {oomkeeper:CLUSTER}:reply:ID          string      a worker's reply to a question (JSON)
 *   {oomkeeper:CLUSTER}:sampling          string      state of the sampling of usage (JSON)
 *   {oomkeeper:CLUSTER}:sampled           sorted set  namespace/pod/container -> ms of its newest sample
 *   {oomkeeper:CLUSTER}:samples:NAME      list        t:bytes of the last hour, newest last
 *   {oomkeeper:CLUSTER}:samples-old:NAME  list        the same every five minutes, the last day
 *   {oomkeeper:CLUSTER}:lease:sampling    string      token of the worker that samples
 *   {oomkeeper:CLUSTER}:lease:counters    string      token of the worker that watches counters
 *   {oomkeeper:CLUSTER}:lease:test        string      token of the test that is under way
 *   {oomkeeper:slack}:clusters            sorted set  cluster -> ms when its worker was last seen
 *   {oomkeeper:slack}:team                string      address of the workspace, for links to threads
 *   {oomkeeper:slack}:epoch               string      an id that is new when Redis has lost everything
 *   {oomkeeper:slack}:sender:CHANNEL      string      token of the bot that sends to the channel
 *   {oomkeeper:slack}:storm-in:CHANNEL    string      id of the channel's newest storm
 *   {oomkeeper:slack}:storm:ID            hash        revision, document; changes, size, foldedAt
 *   {oomkeeper:slack}:storm-members:ID    hash        CLUSTER/INCIDENT -> the storm's copy of it (JSON)
 *   {oomkeeper:slack}:storm-order:ID      list        CLUSTER/INCIDENT in the order in which they were folded
 *   {oomkeeper:slack}:left:GROUP          hash        incident -> its position among those of one downtime; :lastAt
 *   {oomkeeper:slack}:daily:CHANNEL:MS    hash        revision, document: whether the digest of this hour was sent
 *   {oomkeeper:slack}:homes               sorted set  person -> ms when they last opened their Home tab
 *   {oomkeeper:slack}:home:USER           string      hash of what it shows
 *   {oomkeeper:slack}:home-clicks:USER    list        what they clicked there (JSON), newest last
 *   {oomkeeper:slack}:home-lease:USER     string      token of the bot that writes it
 *   {oomkeeper:slack}:refusal:RECEIVER    string      that it refuses everything (JSON)
 *   {oomkeeper:slack}:storms-due          sorted set  storm -> ms when it is due for the bot
 */

/** The tag of a cluster's keys, and BullMQ's prefix for its queues. */
export function clusterTag(cluster: string): string {
  return `{oomkeeper:${cluster}}`;
}

/** The tag of the bot's keys for all clusters. A cluster that is called `slack` shares the slot, but no key. */
export const slackTag = '{oomkeeper:slack}';

export interface IncidentKeys {
  readonly incident: string;
  readonly recent: string;
  readonly timeline: string;
  readonly requests: string;
  readonly asked: string;
  readonly posting: string;
  readonly alarm: string;
  readonly alarmLease: string;
  readonly lease: string;
}

export interface ClusterKeys {
  readonly ledger: string;
  readonly open: string;
  readonly due: string;
  readonly dueBot: string;
  readonly dueAlarms: string;
  readonly suspects: string;
  readonly suspectsOrder: string;
  readonly killedPods: string;
  readonly image: (repository: string) => string;
  readonly ignored: string;
  readonly ignoredOrder: string;
  readonly childRun: (containerId: string) => string;
  readonly childCount: (containerId: string) => string;
  readonly killsDead: string;
  readonly killsDeadCount: string;
  readonly namespaces: string;
  readonly checkpoint: string;
  readonly reply: (question: string) => string;
  readonly sampling: string;
  readonly samplingLease: string;
  readonly countersLease: string;
  readonly testLease: string;
  readonly sampled: string;
  readonly samples: (name: string) => string;
  readonly oldSamples: (name: string) => string;
  readonly audit: string;
  readonly results: string;
  readonly pause: string;
  readonly pauseChange: string;
  readonly pauseTold: (channel: string) => string;
  readonly limits: (subject: Subject) => string;
  readonly silence: (subject: Subject) => string;
  readonly silenced: string;
  readonly chart: (id: string) => string;
  readonly openPointer: (subject: Subject) => string;
  readonly lastPointer: (subject: Subject) => string;
  readonly of: (incident: string) => IncidentKeys;
}

export function clusterKeys(cluster: string): ClusterKeys {
  const tag = clusterTag(cluster);
  return {
    ledger: `${tag}:ledger`,
    open: `${tag}:open`,
    due: `${tag}:due`,
    dueBot: `${tag}:due:bot`,
    dueAlarms: `${tag}:due:alarms`,
    suspects: `${tag}:suspects`,
    suspectsOrder: `${tag}:suspects:order`,
    killedPods: `${tag}:killed-pods`,
    image: (repository) => `${tag}:image:${repository}`,
    ignored: `${tag}:ignored`,
    ignoredOrder: `${tag}:ignored:order`,
    childRun: (containerId) => `${tag}:child-run:${containerId}`,
    childCount: (containerId) => `${tag}:child-count:${containerId}`,
    killsDead: `${tag}:kills-dead`,
    killsDeadCount: `${tag}:kills-dead:count`,
    namespaces: `${tag}:namespaces`,
    checkpoint: `${tag}:checkpoint`,
    reply: (question) => `${tag}:reply:${question}`,
    sampling: `${tag}:sampling`,
    samplingLease: `${tag}:lease:sampling`,
    countersLease: `${tag}:lease:counters`,
    testLease: `${tag}:lease:test`,
    sampled: `${tag}:sampled`,
    samples: (name) => `${tag}:samples:${name}`,
    oldSamples: (name) => `${tag}:samples-old:${name}`,
    audit: `${tag}:audit`,
    results: `${tag}:results`,
    pause: `${tag}:pause`,
    pauseChange: `${tag}:pause-change`,
    pauseTold: (channel) => `${tag}:pause-told:${channel}`,
    limits: (subject) => `${tag}:limits:${subjectKey(subject)}`,
    silence: (subject) => `${tag}:silence:${subjectKey(subject)}`,
    silenced: `${tag}:silenced`,
    chart: (id) => `${tag}:chart:${id}`,
    openPointer: (subject) => `${tag}:open:${subjectKey(subject)}`,
    lastPointer: (subject) => `${tag}:last:${subjectKey(subject)}`,
    of: (incident) => ({
      incident: `${tag}:incident:${incident}`,
      recent: `${tag}:recent:${incident}`,
      timeline: `${tag}:timeline:${incident}`,
      requests: `${tag}:requests:${incident}`,
      asked: `${tag}:asked:${incident}`,
      posting: `${tag}:posting:${incident}`,
      alarm: `${tag}:alarm:${incident}`,
      alarmLease: `${tag}:alarm-lease:${incident}`,
      lease: `${tag}:lease:${incident}`,
    }),
  };
}

export const slackKeys = {
  clusters: `${slackTag}:clusters`,
  epoch: `${slackTag}:epoch`,
  team: `${slackTag}:team`,
  sender: (channel: string): string => `${slackTag}:sender:${channel}`,
  stormIn: (channel: string): string => `${slackTag}:storm-in:${channel}`,
  storm: (id: string): string => `${slackTag}:storm:${id}`,
  stormMembers: (id: string): string => `${slackTag}:storm-members:${id}`,
  stormOrder: (id: string): string => `${slackTag}:storm-order:${id}`,
  left: (group: string): string => `${slackTag}:left:${group}`,
  digest: (channel: string, slot: number): string => `${slackTag}:daily:${channel}:${slot}`,
  homes: `${slackTag}:homes`,
  home: (user: string): string => `${slackTag}:home:${user}`,
  homeClicks: (user: string): string => `${slackTag}:home-clicks:${user}`,
  homeLease: (user: string): string => `${slackTag}:home-lease:${user}`,
  refusal: (receiver: string): string => `${slackTag}:refusal:${receiver}`,
  stormsDue: `${slackTag}:storms-due`,
} as const;
