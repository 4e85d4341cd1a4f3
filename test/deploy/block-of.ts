/** The code block of a page that comes after `<!-- MARKER -->`; empty when there is none. */
export function blockOf(page: string, marker: string): string {
  const after = page.split(`<!-- ${marker} -->`)[1] ?? '';
  return /```\w+\n(.*?)```/s.exec(after)?.[1] ?? '';
}
