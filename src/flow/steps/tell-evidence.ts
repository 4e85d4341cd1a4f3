import type { Diagnosis } from '../../core/diagnose/diagnosis.ts';
import type { NoChart } from '../../core/evidence/chart-series-of.ts';
import type { ChartSeries } from '../../core/evidence/chart-series.ts';
import type { EvidenceLine } from '../../core/evidence/evidence.ts';
import { queryIn, sourceWords } from '../../core/evidence/query-in.ts';
import { changedLines, changeHeading, type EvidenceNow, evidenceNews, toldOf } from '../../core/evidence/told.ts';
import type { Entry, Explained, Incident } from '../../core/incident/incident.ts';
import { shortHash } from '../../core/units/short-hash.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** An explanation as it was made just now. */
interface Made extends Pick<Explained, 'at' | 'kills' | 'diagnosis' | 'evidence'> {
  readonly series: ChartSeries | NoChart;
}

/** What the thread is told of the evidence, and what is stored of that. */
interface Telling extends Pick<Explained, 'chart' | 'told'> {
  readonly entries: readonly Entry[];
}

/** All evidence with a new verdict, what changed when the picture has changed, else nothing. */
export async function tellEvidence(
  { id, explained: before }: Pick<Incident, 'id' | 'explained'>,
  { at, kills, diagnosis, evidence, series }: Made,
  needs: WorkerNeeds,
): Promise<Telling> {
  const told = before === null ? null : (before.told ?? toldOf(null, nowOf(before)));
  const now = nowOf({ diagnosis, kills, evidence });
  const news = evidenceNews(told, now);
  if (news === 'none') return { chart: before?.chart ?? null, told, entries: [] };
  const heading = changeHeading(news, told, now);
  const lines = heading === null ? evidence : changedLines(told, evidence);
  // Only what is told has a chart; one for each explanation would fill Redis during a crash loop.
  const chart = 'none' in series ? null : await keepChart(id, series, needs);
  const noChart = 'none' in series && heading === null ? series.none : null;
  const text = [heading, ...lines.map(lineText), noChart, sourcesText(lines)]
    .filter((line) => line !== null)
    .join('\n');
  const entry: Entry = {
    at,
    audience: { to: 'thread' },
    kind: 'evidence',
    text,
    people: [],
    pre: queriesText(lines),
    broadcast: false,
    chart,
  };
  return { chart, told: toldOf(told, now), entries: [entry] };
}

function nowOf({
  diagnosis,
  kills,
  evidence,
}: Pick<Explained, 'kills' | 'evidence'> & { readonly diagnosis: Diagnosis }): EvidenceNow {
  return { cause: diagnosis.hypotheses[0]?.cause ?? 'inconclusive', kills, lines: evidence };
}

/** Best effort: the thread does without the chart. */
async function keepChart(incident: string, series: ChartSeries, needs: WorkerNeeds): Promise<string | null> {
  const id = `${incident}-${shortHash(JSON.stringify(series), 6)}`;
  try {
    await needs.store.keepChart(id, series);
    return id;
  } catch (error) {
    needs.log('warn', 'chart not kept', { incident, error });
    return null;
  }
}

function lineText({ label, text, missing }: EvidenceLine): string {
  return `• ${missing ? `${label} (missing)` : label}: ${text}`;
}

function sourcesText(lines: readonly EvidenceLine[]): string {
  const sources = new Set(lines.map(({ source }) => sourceWords(source)));
  return `From: ${[...sources].join('; ')}.`;
}

/** Queries with their windows, for whoever wants to see more: to be pasted, and apart from the text because they are long. */
function queriesText(lines: readonly EvidenceLine[]): string | null {
  const queries = lines.flatMap(({ label, source }) => {
    const found = queryIn(source);
    return found === null ? [] : [{ label, text: `${found.window}:\n${found.query}` }];
  });
  const labels = Map.groupBy(queries, ({ text }) => text);
  const asked = [...labels].map(([text, of]) => `${[...new Set(of.map(({ label }) => label))].join(' and ')}, ${text}`);
  return asked.length === 0 ? null : asked.join('\n');
}
