/** What the box completes, from the slash commands of the workspace. The sandbox accepts any text; this only helps. */
import type { SlashCommand } from './workspace.ts';

export interface Suggestion {
  readonly text: string;
  readonly meaning: string;
}

const offeredIncidents = 5;

/** What could be meant by `input`; nothing once it stands there in full. Newest incidents come first. */
export const suggest = (
  input: string,
  commands: readonly SlashCommand[],
  incidents: readonly string[],
): readonly Suggestion[] => {
  if (!input.startsWith('/')) return [];
  const typed = input.toLowerCase().trimEnd();
  const ids = incidents.length === 0 ? ['INC-'] : incidents.slice(0, offeredIncidents);
  const all = commands.flatMap(({ command, subcommands }) =>
    subcommands.flatMap(({ description, examples, name, needs }) => {
      const start = `${command} ${name}`;
      // What may follow is offered only once it stands there, or the list would be long.
      const more = typed.startsWith(start) ? examples.map((example) => `${start} ${example}`) : [];
      const texts = needs === undefined ? [start, ...more] : ids.map((id) => `${start} ${id}`);
      return texts.map((text) => ({ text, meaning: description }));
    }),
  );
  return all.filter(({ text }) => text.toLowerCase().startsWith(typed) && text !== input);
};
