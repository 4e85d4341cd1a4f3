import { z } from 'zod';
import type { EvidenceLine } from '../evidence/evidence.ts';
import type { Loaded } from '../incident/incident.ts';
import { type Subject, subjectKey } from '../kill/kill.ts';
import type { Plan } from '../remediate/plan.ts';
import { shortHash } from '../units/short-hash.ts';
import { markdownBlock, markdownCode, markdownText, quietText } from './markdown.ts';
import { changeWords, undoneWords } from './plan-words.ts';
import { clockTime, sentence } from './words.ts';
import { percent } from '../units/percent.ts';

/** The link from a pull request back to its incident, hidden at the end of its body. */
const payloadSchema = z.strictObject({
  cluster: z.string().min(1).max(100),
  incident: z.string().min(1).max(100),
  plan: z.string().min(1).max(100),
});
export type PullRequestPayload = z.infer<typeof payloadSchema>;

const hidden = /<!-- oomkeeper (\{[^\r\n<>]*\}) -->/g;
const longestTitle = 200;
const longestName = 40;
/** Oomkeeper never makes more reasons or lines of evidence than this; a forge accepts 65 536 characters. */
const mostReasons = 10;

/**
 * What a pull request says: the verdict with its evidence, the diff, what to expect and how to undo it; Markdown of
 * GitHub, in which hostile text forms nothing.
 *
 * `threadUrl` leads to the thread, where it has one. What a log says stays in it: a repository is read by other people than a channel, and for longer.
 */
export function renderPullRequest(
  { incident, tally }: Loaded,
  plan: Plan,
  threadUrl: string | null,
): { readonly title: string; readonly body: string } {
  const { subject, explained } = incident;
  const { cluster, namespace, workload } = subject;
  const where = namespace === null ? '' : ` (${namespace})`;
  const what = `${workload.name}/${plan.container}${where}`;
  const isUndo = plan.follows?.as === 'undo';
  // What speaks for the change that is taken back does not speak for taking it back.
  const verdict = isUndo ? undefined : explained?.diagnosis.hypotheses[0];
  const sections = [
    `${markdownText(`${workload.kind} ${what} in cluster ${cluster}`)} ${killsWords(tally)}`,
    ...(verdict === undefined
      ? []
      : [
          `**${markdownText(sentence(verdict.sentence))}** (confidence ${percent(verdict.confidence)})`,
          [
            ...verdict.for.slice(0, mostReasons).map((reason) => `- for: ${markdownText(reason)}`),
            ...verdict.against.slice(0, mostReasons).map((reason) => `- against: ${markdownText(reason)}`),
          ].join('\n'),
        ]),
    `### What changes\n\n${markdownBlock(plan.diff, 'diff')}`,
    driftWords(plan),
    `### What to expect\n\n${markdownText(plan.expectedEffect, 2000)}`,
    `### How to undo it\n\n${markdownText(plan.undo, 2000)}`,
    ...(explained === null || isUndo
      ? []
      : [`### Evidence\n\n${explained.evidence.slice(0, mostReasons).map(evidenceLine).join('\n')}`]),
    `---\nOpened by Oomkeeper for incident ${markdownCode(incident.id)}, plan ${markdownCode(plan.id)}${approvedWords(incident, plan)}; ${threadWords(threadUrl)} says what became of it, and what happens after the merge.`,
    hiddenPayload({ cluster, incident: incident.id, plan: plan.id }),
  ];
  return {
    title: quietText(`${isUndo ? `Undo ${undoneWords(plan)}` : `Set ${changeWords(plan)}`} for ${what}`, longestTitle),
    body: `${sections.filter((section) => section !== '').join('\n\n')}\n`,
  };
}

/** The address is that of our own chat; encoded, so that it ends where it should. */
function threadWords(url: string | null): string {
  if (url === null) return 'its thread';
  const address = encodeURI(url).replaceAll(/[()]/g, (sign) => (sign === '(' ? '%28' : '%29'));
  return `[its thread](${address})`;
}

/** Ids of the chat: a forge knows no names of it, and whoever asks there finds the person. */
function approvedWords({ remediations }: Loaded['incident'], plan: Plan): string {
  const people = remediations.findLast((one) => one.plan.id === plan.id)?.approvals ?? [];
  return people.length === 0 ? '' : `, approved by ${people.map(({ by }) => markdownCode(by)).join(' and ')}`;
}

function killsWords({ count, lastAt }: Loaded['tally']): string {
  const when = `${clockTime(lastAt)} on ${dateOf(lastAt)}`;
  if (count === 0) return `was warned of at ${when}: it is near its memory limit, and has not been killed.`;
  return `was ${count === 1 ? 'killed for memory once' : `killed for memory ${count} times`}, last at ${when}.`;
}

/** The payload of a body; null where there is none or it is not ours. What people wrote before or after it stays out. */
export function parsePullRequestPayload(body: string): PullRequestPayload | null {
  // The last one: what stands before it may come from the repository.
  const json = [...body.matchAll(hidden)].at(-1)?.[1];
  if (json === undefined) return null;
  try {
    const parsed = payloadSchema.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * The branch of a subject, always the same: `oomkeeper/prod-shop-checkout-app-7f3k2q`, and `oomkeeper/undo-prod-…` for
 * what takes a merged one back. Its hash keeps apart what reads the same; a valid name for git whatever the subject's
 * names hold.
 */
export function branchOf(subject: Subject, follows: Plan['follows'] = null): string {
  const { cluster, namespace, workload, container } = subject;
  const words = [cluster, namespace ?? '', workload.name, container ?? '']
    .map((word) =>
      word
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-')
        .replaceAll(/^-|-$/g, '')
        .slice(0, longestName),
    )
    .filter((word) => word !== '');
  return `oomkeeper/${[...(follows?.as === 'undo' ? ['undo'] : []), ...words, shortHash(subjectKey(subject), 6).toLowerCase()].join('-')}`;
}

/** JSON that can end no comment: neither `--` nor `<` or `>` stands in it. */
function hiddenPayload(payload: PullRequestPayload): string {
  const json = JSON.stringify(payload)
    .replaceAll(/[<>]/g, (character) => (character === '<' ? String.raw`\u003c` : String.raw`\u003e`))
    .replaceAll('--', String.raw`-\u002d`);
  return `<!-- oomkeeper ${json} -->`;
}

function evidenceLine({ label, text, source, at, missing }: EvidenceLine): string {
  const words = label === 'Log' && !missing ? 'kept in the thread' : markdownText(text);
  return `- ${markdownText(label)}${missing ? ' (missing)' : ''}: ${words} (${markdownCode(source, 300)}, ${clockTime(at)})`;
}

/** Says where the file differs from what the cluster runs, which the diff alone does not show. */
function driftWords({ drift }: Plan): string {
  return drift.map(({ text }) => `Note: ${markdownText(text)}`).join('\n');
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
