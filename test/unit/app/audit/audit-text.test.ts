import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { auditText } from '../../../../src/app/audit/audit-text.ts';
import type { AuditLine } from '../../../../src/core/incident/audit.ts';
import { rawCharacters, withoutBold } from '../command-line/raw-characters.ts';

function line(changes: Partial<AuditLine> = {}): AuditLine {
  return {
    at: Date.UTC(2026, 10, 24, 14, 2, 11),
    cluster: 'prod',
    incident: 'INC-7F3K',
    subject: 'prod/shop/Deployment/checkout/app',
    what: 'approved',
    plan: 'PLAN-7F3K2A',
    by: 'U024BE7LH',
    text: 'U024BE7LH approved it',
    result: null,
    ...changes,
  };
}

test('who did what to what, and below it what was told', () => {
  const lines = [
    line(),
    line({
      incident: null,
      subject: 'prod',
      what: 'paused',
      plan: null,
      by: null,
      text: 'Nothing is changed any more.',
    }),
  ];

  expect(stripVTControlCharacters(auditText(lines, Infinity)).split('\n')).toEqual([
    'TIME (UTC)           INCIDENT  WHAT      BY         SUBJECT',
    '2026-11-24 14:02:11  INC-7F3K  approved  U024BE7LH  prod/shop/Deployment/checkout/app',
    '    PLAN-7F3K2A: U024BE7LH approved it.',
    '2026-11-24 14:02:11  -         paused    Oomkeeper  prod',
    '    Nothing is changed any more.',
    '',
  ]);
});

test('a text is broken to the width of the terminal', () => {
  const lines = auditText([line({ text: 'word '.repeat(40) })], 60)
    .split('\n')
    .slice(2);

  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((one) => one.length > 60)).toEqual([]);
});

test('names and texts of others form no escape sequence and no line', () => {
  const evil = 'x\u001b[2J\r\ny\u202e';

  const text = auditText([line({ subject: evil, text: evil, by: evil, what: evil })], Infinity);

  expect(text.split('\n')).toHaveLength(4);
  expect(withoutBold(text)).not.toMatch(rawCharacters);
});
