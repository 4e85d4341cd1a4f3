/** The slash commands that the box completes. The sandbox accepts any text; this list only helps with typing. */
export interface Suggestion {
  readonly text: string;
  readonly meaning: string;
}

/** What could be meant by `input`; nothing once it stands there in full. Newest incidents come first. */
export const suggest = (input: string, incidents: readonly string[]): readonly Suggestion[] => {
  if (!input.startsWith('/')) return [];
  const all: readonly Suggestion[] = [
    { text: '/oom list', meaning: 'open incidents' },
    ...(incidents.length === 0
      ? [{ text: '/oom why INC-', meaning: 'the reason and the evidence of an incident' }]
      : incidents.slice(0, 5).map((id) => ({ text: `/oom why ${id}`, meaning: 'the reason and the evidence' }))),
    { text: '/oom help', meaning: 'all commands, with examples' },
  ];
  const typed = input.toLowerCase().trimEnd();
  const fitting = all.filter(({ text }) => text.toLowerCase().startsWith(typed));
  return fitting.some(({ text }) => text === input) ? [] : fitting;
};
