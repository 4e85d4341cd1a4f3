import { expect, test } from 'vitest';
import { type Inline, parseMrkdwn } from '../../../sandbox/slack/page/text/mrkdwn.ts';

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
        case 'channel':
          return `#(${inline.id} ${inline.name})`;
        case 'preformatted':
          return `pre(${inline.text})`;
        case 'bold':
        case 'italic':
        case 'strike':
        case 'quote':
          return `${inline.kind.charAt(0)}(${written(inline.children)})`;
        case 'link':
          return `a(${inline.url} ${inline.text})`;
        case 'mention':
          return `@(${inline.id})`;
        case 'date':
          return `date(${inline.seconds} ${inline.format} ${inline.fallback})`;
      }
    })
    .join('');
}

test.each([
  ['one asterisk is bold', '*OOMKilled* checkout', 'b(OOMKilled) checkout'],
  ['styles nest', '*a _b_*', 'b(a i(b))'],
  ['a marker inside a word is text', 'snake_case_name 3*4*5', 'snake_case_name 3*4*5'],
  ['a marker before a space is text', '2 * 3 * 4 and * a*', '2 * 3 * 4 and * a*'],
  ['an unclosed marker is text', '*not closed\nnext* line', '*not closed\nnext* line'],
  ['a style may end before punctuation', '(*a*), *b*.', '(b(a)), b(b).'],
  ['code holds no markup', '`*a* :warning: _b_`', 'c(*a* :warning: _b_)'],
  ['a heading sign and a list are text', '# no\n- one', '# no\n- one'],
  ['only three escapes exist', '&lt;b&gt; AT&amp;T &amp;lt; &quot;', '<b> AT&T &lt; &quot;'],
  ['escaped tokens are text', '&lt;!channel&gt; &lt;@U0A&gt;', '<!channel> <@U0A>'],
  ['a time is no emoji', 'at 09:41:12 UTC', 'at 09:41:12 UTC'],
  ['a known short name is an emoji', ':red_circle: x', 'e(red_circle) x'],
  ['an unknown short name is text', ':no_such_emoji:', ':no_such_emoji:'],
  ['a link has its label', '<https://a.example/?b=1&amp;c=2|see *it*>', 'a(https://a.example/?b=1&c=2 see *it*)'],
  ['an unsafe address is no link', '<javascript:alert(1)|x>', '<javascript:alert(1)|x>'],
  [
    'mentions, also those that nobody should form',
    '<@U0AMIRA> <!subteam^S1> <!channel>',
    '@(U0AMIRA) @(S1) @(channel)',
  ],
  ['channels', '<#C0OOM> <#C1|oom-alerts>', '#(C0OOM ) #(C1 oom-alerts)'],
  ['a struck out word', 'a ~b c~ d~e', 'a s(b c) d~e'],
  ['lines that begin with > are quoted together', 'x\n&gt; one\n&gt;*two*\ny > z', 'xq(one\nb(two))y > z'],
  ['what stands between three back-ticks is as it is', 'a:\n```\n*x*\n&lt;y\n```\nb', 'a:pre(*x*\n<y)b'],
  ['three back-ticks that are not closed are text', 'a ```b\nc', 'a ```b\nc'],
  ['an address in verbatim text is text', 'see https://a.example/b', 'see https://a.example/b'],
  ['dates', '<!date^1700000000^{date} {time}|then>', 'date(1700000000 {date} {time} then)'],
])('mrkdwn: %s', (_, text, expected) => {
  expect(written(parseMrkdwn(text, true))).toBe(expected);
});

test('mrkdwn: a bare address is a link where the text is not verbatim', () => {
  expect(written(parseMrkdwn('see https://a.example/?b=1&amp;c in *https://b.example*', false))).toBe(
    'see a(https://a.example/?b=1&c https://a.example/?b=1&c) in b(a(https://b.example https://b.example))',
  );
});

test.each([
  ['openings without an end', '*_`<:'.repeat(8_000)],
  ['bold that never closes', '*a '.repeat(13_000)],
  ['styles in styles', `${'*_'.repeat(9_000)}x${'_*'.repeat(9_000)}`],
  ['one word', 'x'.repeat(40_000)],
  ['fences', '```a'.repeat(10_000)],
  ['quotes', '&gt; quoted text\n'.repeat(2_500)],
  ['addresses', 'https://'.repeat(5_000)],
])('mrkdwn: the longest text of a message is read whole and at once even as %s', (_, text) => {
  const before = process.cpuUsage();

  const understood = written(parseMrkdwn(text, true));

  expect(understood.length).toBeGreaterThan(text.length / 2);
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
});
