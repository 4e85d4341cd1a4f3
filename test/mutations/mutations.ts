import type { Mutation } from './mutation.ts';

const follow = 'src/adapters/kubernetes/watch/follow.ts';
const resumePoint = 'src/adapters/kubernetes/watch/resume-point.ts';
const commit = 'src/adapters/redis/store/commit.lua.ts';
const sendOnce = 'src/flow/show/send-once.ts';
const write = 'src/flow/steps/write.ts';
const decide = 'src/core/approve/decide.ts';
const writeCluster = 'src/adapters/kubernetes/write/write-cluster.ts';
const confirm = 'src/core/verify/confirm.ts';
const rollBackTest = 'test/hostile/roll-back/at-the-write.test.ts';

const watcherTest = 'test/flow/kubernetes/watch/checkpoint.test.ts';
const showTest = 'test/flow/show/show.test.ts';
const onceTest = 'test/flow/show/exactly-once.test.ts';
const applyTest = 'test/flow/worker/apply.test.ts';
const decideTest = 'test/unit/core/approve/decide.test.ts';
const confirmTest = 'test/unit/core/verify/confirm.test.ts';

/** For each invariant the lines that carry it, and for each line the test that goes red without it. */
export const mutations: readonly Mutation[] = [
  {
    invariant: 1,
    breaks: 'the checkpoint does not wait until the kills before it are in the queue',
    file: 'src/adapters/kubernetes/watch/checkpoint-writer.ts',
    line: '    await settle();\n',
    instead: '',
    test: [watcherTest, ''],
  },
  {
    invariant: 4,
    breaks: 'reading goes on while what was read is not in the queue',
    file: follow,
    line: '        await follower.settle();\n        if (reached !== null && !initial) moveTo(reached);',
    instead: '        if (reached !== null && !initial) moveTo(reached);',
    test: ['test/flow/kubernetes/watch/back-pressure.test.ts', 'no more is read than what is safe already'],
  },
  {
    invariant: 1,
    breaks: 'the checkpoint passes an exit that nobody has decided about yet',
    file: resumePoint,
    line: '      if (pending === null) {',
    instead: '      if (pending !== undefined) {',
    test: [watcherTest, 'does not pass an exit that is not decided yet'],
  },
  {
    invariant: 1,
    breaks: 'kills shortly before the resume point are old news',
    file: resumePoint,
    line: 'reached.at - overlapMs',
    instead: 'reached.at',
    test: ['test/unit/adapters/kubernetes/watch/resume-point.test.ts', ''],
  },
  {
    invariant: 2,
    breaks: 'a fingerprint that was admitted is admitted again',
    file: commit,
    line: "  if redis.call('ZSCORE', keys.ledger, given.fingerprint) then return { 'known' } end\n",
    instead: '',
    test: ['test/flow/store/admission.test.ts', 'counts a known fingerprint once'],
  },
  {
    invariant: 2,
    breaks: 'a second incident is opened where one was opened in between',
    file: commit,
    line: "  if (open or nil) ~= given.expectedOpen then return { 'moved' } end\n",
    instead: '  open = given.expectedOpen\n',
    test: ['test/flow/store/admission.test.ts', 'opens one incident for 50 kills'],
  },
  {
    invariant: 2,
    breaks: 'a message that may have been posted is not searched for',
    file: sendOnce,
    line: '  if (since !== undefined && to.only === null) {',
    instead: '  if (since === -1 && to.only === null) {',
    test: [showTest, 'a post that timed out after success is found again'],
  },
  {
    invariant: 2,
    breaks: 'of two equal messages the younger one stays',
    file: sendOnce,
    line: '  for (const one of found) if (one !== kept) await removeIfAllowed(one, needs);',
    instead: '',
    test: [showTest, 'of two roots the younger is deleted'],
  },
  {
    invariant: 2,
    breaks: 'a message that may have been posted is claimed no longer',
    file: sendOnce,
    line: 'mayHaveHappened(failure) ? withClaim(claimed, name, await now()) : withoutClaim(claimed, name),',
    instead: 'withoutClaim(claimed, name),',
    test: [showTest, 'a reply that timed out after success is found again'],
  },
  {
    invariant: 2,
    breaks: 'a bot that was slow leaves its message beside that of another one',
    file: sendOnce,
    line: '  if (!isRecorded && place !== null && to.only === null) await withdraw(message, keeping, needs);',
    instead: '  void isRecorded;',
    test: [onceTest, 'of a root and another one that came late'],
  },
  {
    invariant: 2,
    breaks: 'a bot sends although its turn in the channel has lasted longer than its lease',
    file: sendOnce,
    line: '    needs.mustHold();\n',
    instead: '',
    test: [onceTest, 'a bot whose turn took longer than its lease sends nothing'],
  },
  {
    invariant: 2,
    breaks: "another cluster's root is taken for the own one",
    file: 'src/adapters/slack/chat.ts',
    line: "oomkeeper_incident: ['cluster', 'incident'],",
    instead: "oomkeeper_incident: ['incident'],",
    test: [onceTest, 'a root of another cluster, of the same workload and incident id'],
  },
  {
    invariant: 2,
    breaks: "after Redis was lost another cluster's root is gone on in",
    file: 'src/flow/show/lost-roots.ts',
    line: 'root.subject === subject);',
    instead: "root.subject.split('/').slice(1).join() === subject.split('/').slice(1).join());",
    test: [onceTest, 'after Redis was lost, a root of another cluster'],
  },
  {
    invariant: 3,
    breaks: 'a pause is not asked for again before the write',
    file: write,
    line: '  if ((await needs.store.pause()) !== null) return { again: false, until: at + needs.pace.pollMs };\n',
    instead: '',
    test: [applyTest, 'a write that is tried again waits for the end of a pause'],
  },
  {
    invariant: 3,
    breaks: 'what became observe-only meanwhile is written all the same',
    file: write,
    line: "  if (needs.policy.mode === 'observe')",
    instead: '  if (needs.policy.approvalTtlMs === -1)',
    test: ['test/flow/worker/approve.test.ts', 'a change that was under way when Oomkeeper became observe-only'],
  },
  {
    invariant: 3,
    breaks: 'nothing is refused in mode observe',
    file: decide,
    line: "  if (policy.mode === 'observe')",
    instead: "  if (policy.mode !== 'observe' && policy.mode !== 'act')",
    test: [decideTest, ''],
  },
  {
    invariant: 3,
    breaks: 'who asked may also be the second person',
    file: decide,
    line: 'requested !== null && requested.by !== request.by',
    instead: 'requested !== null',
    test: [decideTest, ''],
  },
  {
    invariant: 3,
    breaks: 'fields that have changed since the proposal are written over',
    file: writeCluster,
    line: '  if (fieldsHash(fields) !== plan.fieldsHash)',
    instead: '  if (fieldsHash(fields) === "")',
    test: ['test/flow/kubernetes/stale-plan.test.ts', 'when somebody has changed the template in between'],
  },
  {
    invariant: 4,
    breaks: 'kills beside an incident are not trimmed',
    file: commit,
    line: "    redis.call('ZREMRANGEBYRANK', recent, 0, -(given.recentKillsKept + 1))\n",
    instead: '',
    test: ['test/flow/store/admission.test.ts', 'keeps the last 20 kills of thousands'],
  },
  {
    invariant: 3,
    breaks: 'a roll back writes whatever its ReplicaSet holds by then',
    file: writeCluster,
    line: '    if (fieldsHash(template) !== back.template.hash)',
    instead: "    if (back.template.hash === '')",
    test: [rollBackTest, 'that was changed after the proposal'],
  },
  {
    invariant: 3,
    breaks: 'a roll back replaces another template than the one that it was compared with',
    file: writeCluster,
    line: '    if (fieldsHash(present) !== back.template.replaces)',
    instead: "    if (back.template.replaces === '')",
    test: [rollBackTest, 'a change of the present template'],
  },
  {
    invariant: 3,
    breaks: 'the owner of a ReplicaSet is known by its name',
    file: 'src/adapters/kubernetes/read/read-revisions.ts',
    line: "owner['uid'] === deployment,",
    instead: "deployment !== '',",
    test: [rollBackTest, 'a planted ReplicaSet'],
  },
  {
    invariant: 3,
    breaks: 'the write does not ask again whether a roll back raises privileges',
    file: writeCluster,
    line: '    if (!may.ok) throw stale(`${revision} ${may.why}.`);\n',
    instead: '',
    test: [rollBackTest, 'is refused at the write'],
  },
  {
    invariant: 4,
    breaks: 'the ledger never forgets',
    file: commit,
    line: "  redis.call('ZREMRANGEBYSCORE', keys.ledger, '-inf', whole(now - given.ledgerMs))\n",
    instead: '',
    test: ['test/flow/store/admission.test.ts', 'forgets fingerprints that are older than the ledger reaches'],
  },
  {
    invariant: 4,
    breaks: 'a bounded map is not bounded',
    file: 'src/core/units/recent.ts',
    line: '    if (entries.size <= max) return;',
    instead: '    if (entries.size > 0) return;',
    test: ['test/unit/core/units/recent.test.ts', 'a bounded map forgets what was used longest ago'],
  },
  {
    invariant: 5,
    breaks: 'the bot is told of a kill only with its explanation',
    file: 'src/flow/admit.ts',
    line: '    await Promise.all([hints.show(admission.incident), hints.advance(admission.incident)]);',
    instead: '    await hints.advance(admission.incident);',
    test: ['test/flow/worker/explain.test.ts', 'the bot is told of a kill before anybody explains it'],
  },
  {
    invariant: 6,
    breaks: 'a resize counts as done while the pod-level limit is the old one',
    file: confirm,
    line: '  if (podLimitIsOld(pod)) return',
    instead: '  if (podLimitIsOld(pod) && now < 0) return',
    test: [confirmTest, ''],
  },
  {
    invariant: 6,
    breaks: 'a heap flag that is not in the template counts as set',
    file: confirm,
    line: 'observation.templateEnv[name] !== to',
    instead: "observation.templateEnv[name] === '' && to === ''",
    test: [confirmTest, ''],
  },
  {
    invariant: 6,
    breaks: 'what was sent is called applied without a look',
    file: 'src/flow/steps/confirm.ts',
    line: "  if (seen.is === 'waiting') return { again: false, until: now + confirmEveryMs };\n",
    instead: '',
    test: [applyTest, 'it is not called applied before the cluster shows it'],
  },
  {
    invariant: 6,
    breaks: 'a kill at the new limit does not count against the fix',
    file: 'src/core/incident/next-step.ts',
    line: '  return (kill.limitInForceBytes ?? kill.limitBytes) === plan.to.limitBytes;',
    instead: '  return (kill.limitInForceBytes ?? kill.limitBytes) === -1;',
    test: [applyTest, 'a kill at the new limit while it is watched is a failure at once'],
  },
];
