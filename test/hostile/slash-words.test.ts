import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandWords, parseCommand } from '../../src/core/talk/command.ts';

const typed = fc.string({ unit: 'binary', maxLength: 400 });

test('whatever is typed is read as some command', () => {
  fc.assert(
    fc.property(typed, fc.array(fc.string(), { maxLength: 3 }), (text, clusters) => {
      const { command, share } = parseCommand(text, clusters);

      expect(typeof command.is).toBe('string');
      expect(typeof share).toBe('boolean');
    }),
  );
});

test('a command is the same one in capitals and between any blanks', () => {
  const blank = fc.constantFrom(' ', '\t', '\u00a0', '\u3000', '\n');
  fc.assert(
    fc.property(fc.constantFrom(...commandWords), blank, blank, (word, before, after) => {
      expect(parseCommand(`${before}${word.toUpperCase()}${after}`)).toEqual(parseCommand(word));
    }),
  );
});
