import { redact } from './redact.ts';

/** The words of a command line. An option names the word behind it: `--api-key`, `abc`. Pure, linear. */
export function redactWords(words: readonly string[]): readonly string[] {
  return words.map((word, index) => {
    const option = words[index - 1] ?? '';
    const both = option.startsWith('-') && !option.includes('=') ? redact(`${option} ${word}`) : '';
    return both.startsWith(`${option} `) ? both.slice(option.length + 1) : redact(word);
  });
}
