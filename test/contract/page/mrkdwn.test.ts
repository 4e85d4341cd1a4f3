import { expect, test } from 'vitest';
import { type Inline, type Paragraph, parseMrkdwn, parsePlain } from '../../../sandbox/slack/page/text/mrkdwn.ts';

/** A compact writing of what was understood: `b(…)` for bold and so on. */
function written(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      switch (inline.kind) {
        case 'text':
          return inline.text;
        case 'code':
          return `c(${inline.text})`;
        case 'emoji':
          return `e(${inline.name})`;
        case 'bold':
        case 'italic':
        case 'strike':
          return `${inline.kind.charAt(0)}(${written(inline.children)})`;
        case 'link':
          return `a(${inline.url} ${written(inline.children)})`;
        case 'user':
        case 'channel':
        case 'usergroup':
          return `${inline.kind}(${inline.id})`;
        case 'broadcast':
          return `broadcast(${inline.range})`;
        case 'date':
          return `date(${inline.seconds} ${inline.format} ${inline.fallback})`;
      }
    })
    .join('');
}

const paragraph = (one: Paragraph): string =>
  one.kind === 'preformatted'
    ? `pre(${one.text})`
    : one.kind === 'quote'
      ? `q(${written(one.children)})`
      : written(one.children);

test.each([
  ['one asterisk is bold', '*OOMKilled* checkout', 'b(OOMKilled) checkout'],
  ['styles nest', '*a _b ~c~_*', 'b(a i(b s(c)))'],
  ['a marker inside a word is text', 'snake_case_name 3*4*5 a~b~c', 'snake_case_name 3*4*5 a~b~c'],
  ['a marker before a space is text', '2 * 3 * 4 and * a*', '2 * 3 * 4 and * a*'],
  ['an unclosed marker is text', '*not closed\nnext* line', '*not closed\nnext* line'],
  ['a style may end before punctuation', '(*a*), *b*.', '(b(a)), b(b).'],
  ['code holds no markup', '`*a* :fire: _b_`', 'c(*a* :fire: _b_)'],
  ['code inside bold does not end it', '*a `b*c` d*', 'b(a c(b*c) d)'],
  ['a heading sign is text', '# not a heading', '# not a heading'],
  ['a list is text', '- one\n1. two', '- one\n1. two'],
  ['only three escapes exist', '&lt;b&gt; AT&amp;T &amp;lt; &quot;', '<b> AT&T &lt; &quot;'],
  ['escaped tokens are text', '&lt;!channel&gt; &lt;@U0A&gt;', '<!channel> <@U0A>'],
  ['a time is no emoji', 'at 09:41:12 UTC', 'at 09:41:12 UTC'],
  ['a known short name is an emoji', ':red_circle: :+1:', 'e(red_circle) e(+1)'],
  ['an unknown short name is text', ':no_such_emoji:', ':no_such_emoji:'],
  ['a link has its label', '<https://a.example/?b=1&amp;c=2|see *it*>', 'a(https://a.example/?b=1&c=2 see *it*)'],
  [
    'a bare link ends before punctuation',
    'see https://a.example/b.',
    'see a(https://a.example/b https://a.example/b).',
  ],
  ['an unsafe address is no link', '<javascript:alert(1)|x>', '<javascript:alert(1)|x>'],
  ['mentions', '<@U0AMIRA> <#C0OOM|oom> <!subteam^S1|@sre>', 'user(U0AMIRA) channel(C0OOM) usergroup(S1)'],
  ['broadcasts', '<!here> <!channel>', 'broadcast(here) broadcast(channel)'],
  ['dates', '<!date^1700000000^{date} {time}|then>', 'date(1700000000 {date} {time} then)'],
  ['quotes, escaped or not', '> a\n&gt; b\nc', 'q(a\nb)|c'],
  ['a preformatted block keeps its inside', 'x\n```a *b*\n  &lt;c&gt;```\ny', 'x|pre(a *b*\n  <c>)|y'],
])('mrkdwn: %s', (_, text, expected) => {
  const understood = parseMrkdwn(text).map(paragraph).join('|');

  expect(understood).toBe(expected);
});

test('plain text has emoji and nothing else', () => {
  const understood = written(parsePlain('*a* `b` :warning: 09:41:12 &lt;'));

  expect(understood).toBe('*a* `b` e(warning) 09:41:12 &lt;');
});

test.each([
  ['openings without an end', '*_~`<:'.repeat(6_600)],
  ['bold that never closes', '*a '.repeat(13_000)],
  ['styles in styles in styles', `${'*_'.repeat(9_000)}x${'_*'.repeat(9_000)}`],
])('mrkdwn: the longest text of a message is read whole even as %s', (_, text) => {
  const understood = parseMrkdwn(text).map(paragraph).join('');

  expect(understood.length).toBeGreaterThan(text.length / 2);
});
