/**
 * What the box completes, from the slash commands of the workspace, their subcommands or else their usage hints. The
 * sandbox accepts any text; this only helps with typing.
 */
import type { SlashCommand, Subcommand } from './workspace.ts';

export interface Suggestion {
  readonly text: string;
  readonly meaning: string;
}

/** For a workspace that names its command without a hint. */
const usualHint = 'list | why INC-… | help';
const meanings: ReadonlyMap<string, string> = new Map([
  ['list', 'open incidents'],
  ['why', 'the reason and the evidence of an incident'],
  ['help', 'all commands, with examples'],
]);

const offeredIncidents = 5;

/** One form of a command: its leading words as they stand, and what has to follow them. */
const formsOf = (form: string, command: SlashCommand, incidents: readonly string[]): readonly Suggestion[] => {
  const needed = form.replaceAll(/\[[^\]]*\]/g, '').trim();
  const words = /^[a-z][a-z-]*(?: [a-z][a-z-]*)*(?= |$)/.exec(needed)?.[0] ?? '';
  const argument = needed.slice(words.length).trim();
  const start = `${command.command} ${words}`.trimEnd();
  const meaning = meanings.get(words) ?? command.description ?? '';
  if (argument === '') return [{ text: start, meaning }];
  if (!/^<?(?:INC-|incident|id\b)/i.test(argument))
    return [{ text: `${start} `, meaning: meaning === '' ? argument : `${argument} · ${meaning}` }];
  return incidents.length === 0
    ? [{ text: `${start} INC-`, meaning }]
    : incidents.slice(0, offeredIncidents).map((id) => ({ text: `${start} ${id}`, meaning }));
};

/** A subcommand; what may follow it is offered only once it stands there, or the list would be long. */
const formsOfSubcommand = (
  { description = '', examples = [], name, needs }: Subcommand,
  { command }: SlashCommand,
  incidents: readonly string[],
  typed: string,
): readonly Suggestion[] => {
  const start = `${command} ${name}`;
  if (needs === undefined) {
    const more = typed.startsWith(start.toLowerCase()) ? examples : [];
    return [
      { text: start, meaning: description },
      ...more.map((example) => ({ text: `${start} ${example}`, meaning: description })),
    ];
  }
  if (!needs.startsWith('INC-')) return [{ text: `${start} `, meaning: `${needs} · ${description}` }];
  const ids = incidents.length === 0 ? ['INC-'] : incidents.slice(0, offeredIncidents);
  return ids.map((id) => ({ text: `${start} ${id}`, meaning: description }));
};

/** What could be meant by `input`; nothing once it stands there in full. Newest incidents come first. */
export const suggest = (
  input: string,
  commands: readonly SlashCommand[],
  incidents: readonly string[],
): readonly Suggestion[] => {
  if (!input.startsWith('/')) return [];
  const typed = input.toLowerCase().trimEnd();
  const all = commands.flatMap((command) => {
    if (command.subcommands !== undefined && command.subcommands.length > 0)
      return command.subcommands.flatMap((one) => formsOfSubcommand(one, command, incidents, typed));
    const hint = command.usage_hint ?? (command.command === '/oom' ? usualHint : '');
    return hint.split('|').flatMap((form) => formsOf(form.trim(), command, incidents));
  });
  const fitting = all.filter(
    ({ text }, place) =>
      text.toLowerCase().startsWith(typed) && all.findIndex((earlier) => earlier.text === text) === place,
  );
  return fitting.filter(({ text }) => text !== input);
};
