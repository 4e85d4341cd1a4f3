import type { Scenario } from '../scenario/scenario.ts';
import { idsOf } from '../scenario/scenario-policy.ts';
import type { Slack } from '../slack/start-slack.ts';
import { threadMessages, type ThreadRoot } from './threads.ts';

/** Whether the replies of a thread mention whom the story expects, each as often; a sentence where they do not. */
export function mentionProblems(
  slack: Slack,
  root: Pick<ThreadRoot, 'channel' | 'ts'> | undefined,
  { expect }: Scenario,
): string[] {
  if (expect.mentions === undefined) return [];
  const { people, groups } = slack.workspace;
  const replies = root === undefined ? [] : threadMessages(slack, root).filter(({ ts }) => ts !== root.ts);
  const found = replies.flatMap(({ text }) => mentionsIn(text)).toSorted();
  const expected = idsOf(expect.mentions, { people, groups }).toSorted();
  const calledBy = (id: string): string =>
    [...people.map((one) => [one.id, one.name]), ...groups.map((one) => [one.id, one.handle])].find(
      ([known]) => known === id,
    )?.[1] ?? id;
  const words = (ids: readonly string[]): string => ids.map(calledBy).join(', ') || 'nobody';
  return found.join() === expected.join() ? [] : [`mentions: expected ${words(expected)}, found ${words(found)}`];
}

/** `<@U…>` and `<!subteam^S…>`. */
function mentionsIn(text: string): string[] {
  return [...text.matchAll(/<(?:@|!subteam\^)([UWS][A-Z0-9]+)[^>]*>/g)].flatMap(([, id]) => id ?? []);
}
