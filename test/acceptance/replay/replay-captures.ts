import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { replay } from '../../../src/app/replay/replay.ts';
import { replayOptions } from '../../../src/app/replay/replay-options.ts';

const truthSchema = z.object({
  incidents: z.array(
    z.object({
      workload: z.string(),
      container: z.string().nullable(),
      containerType: z.string().nullable(),
      kind: z.string(),
      kills: z.number(),
    }),
  ),
  needs: z.string().optional(),
});

export interface Capture {
  readonly name: string;
  readonly pods: string;
  readonly events: string;
  /** Samples of a scrape; empty where there are none. */
  readonly metrics: string;
  /** The kernel's own lines about kills. */
  readonly kernel: string;
  /** The incidents that the truth asks for, one sentence each, sorted. */
  readonly truth: readonly string[];
  /** What else than pods and Events is needed to see them. */
  readonly needs: string | null;
}

/** Reads a folder of recordings; empty when it is not there. */
export function readCaptures(directory: string): readonly Capture[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((name) => {
    const read = (file: string): string => {
      const path = join(directory, name, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    };
    const [pods, events, metrics, kernel] = ['pods', 'events', 'metrics', 'kernel'].map((of) => read(`${of}.ndjson`));
    const truth = read('truth.json');
    if (!pods || !truth) return [];
    const { incidents, needs } = truthSchema.parse(JSON.parse(truth));
    return {
      name,
      pods,
      events: events ?? '',
      metrics: metrics ?? '',
      kernel: kernel ?? '',
      truth: incidents.map(sentence).toSorted(),
      needs: needs ?? null,
    };
  });
}

const kernelLine = z.object({ at: z.string(), text: z.string() });

/** The kernel's lines as node-problem-detector turns them into Events. */
export function nodeEvents({ kernel }: Capture, words: 'with the cgroup' | 'one line'): string {
  let task = '';
  const events: string[] = [];
  for (const json of kernel.split('\n').filter(Boolean)) {
    const { at, text } = kernelLine.parse(JSON.parse(json));
    if (!text.includes('Killed process')) {
      task = text;
      continue;
    }
    const time = `${at.slice(0, 19)}Z`;
    const message = words === 'one line' ? text : `${task}\n${text}`;
    const object = {
      kind: 'Event',
      metadata: { name: `node.${events.length}`, namespace: 'default' },
      involvedObject: { kind: 'Node', name: 'lab-node-1', uid: 'lab-node-1' },
      reason: 'OOMKilling',
      message,
      lastTimestamp: time,
      type: 'Warning',
    };
    events.push(JSON.stringify({ at, line: { type: 'ADDED', object } }));
  }
  return events.join('\n');
}

const foundSchema = z.looseObject({
  incident: z.string().optional(),
  ignored: z.string().optional(),
  workload: z.looseObject({ kind: z.string(), name: z.string() }),
  container: z.string().nullable(),
  containerType: z.string().nullable(),
  kind: z.string().default(''),
  kills: z.number().default(0),
  suspect: z.boolean().default(false),
});

export interface Answer {
  readonly exitCode: number;
  readonly lines: readonly z.infer<typeof foundSchema>[];
  /** Of the incidents that are no suspects: one sentence each, sorted. */
  readonly incidents: readonly string[];
  readonly stderr: string;
}

/** Runs `replay --json --ignored` over these texts; `stdin` is what `-` reads. */
export async function replayTexts(
  pods: readonly string[],
  events: readonly string[],
  stdin: AsyncIterable<Uint8Array | string> = nothing(),
  metrics: readonly string[] = [],
): Promise<Answer> {
  const directory = await mkdtemp(join(tmpdir(), 'replay-'));
  try {
    const write = (kind: string, texts: readonly string[]) =>
      Promise.all(
        texts.map(async (text, index) => {
          if (text === '-') return [`--${kind}`, '-'];
          const file = join(directory, `${kind}-${index}.ndjson`);
          await writeFile(file, text);
          return [`--${kind}`, file];
        }),
      );
    const files = await Promise.all([write('pods', pods), write('events', events), write('metrics', metrics)]);
    const out = { stdout: '', stderr: '' };
    const exitCode = await replay(replayOptions([...files.flat(2), '--json', '--ignored']), {
      stdin,
      stdout: { write: (text: string) => (out.stdout += text) },
      stderr: { write: (text: string) => (out.stderr += text) },
    });
    const lines = out.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => foundSchema.parse(JSON.parse(line)));
    const sure = lines.filter(({ incident, suspect }) => incident !== undefined && !suspect);
    const sentences = sure.map((one) => sentence({ ...one, workload: `${one.workload.kind}/${one.workload.name}` }));
    return { exitCode, lines, incidents: sentences.toSorted(), stderr: out.stderr };
  } finally {
    await rm(directory, { recursive: true });
  }
}

type Incident = z.infer<typeof truthSchema>['incidents'][number];

function sentence({ workload, container, containerType, kind, kills }: Incident): string {
  return `${workload} ${containerType ?? 'pod'} ${container ?? '-'}: ${kind} x ${kills}`;
}

// oxlint-disable-next-line require-yield -- an empty stream
async function* nothing(): AsyncGenerator<string> {
  await Promise.resolve();
}
