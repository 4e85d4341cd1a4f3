/** One time series as a scraper sends it; `v` null is a staleness marker. `t` in ms UTC. */
export interface SentSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly { readonly t: number; readonly v: number | null }[];
}

/** What a server takes in one request. */
const mostPoints = 50_000;
/** The value that Prometheus writes where a series has ended (pkg/value of prometheus/prometheus). */
const staleMarker = 0x7ff0000000000002n;

/**
 * Bodies of Prometheus' remote-write protocol 1.0: protobuf in a snappy block, which may be of literals only.
 * https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
export function remoteWrites(all: readonly SentSeries[]): readonly Buffer[] {
  const bodies: Buffer[] = [];
  let parts: Buffer[] = [];
  let points = 0;
  for (const series of all) {
    for (let from = 0; from < series.points.length; from += mostPoints) {
      const some = { ...series, points: series.points.slice(from, from + mostPoints) };
      parts.push(field(1, timeSeries(some)));
      points += some.points.length;
      if (points < mostPoints) continue;
      bodies.push(snappy(Buffer.concat(parts)));
      [parts, points] = [[], 0];
    }
  }
  return parts.length === 0 ? bodies : [...bodies, snappy(Buffer.concat(parts))];
}

function timeSeries({ labels, points }: SentSeries): Buffer {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const pairs = sorted.map(([name, value]) =>
    field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])),
  );
  return Buffer.concat([...pairs, ...points.map(({ t, v }) => field(2, sample(t, v)))]);
}

function sample(t: number, v: number | null): Buffer {
  const value = Buffer.alloc(9);
  value[0] = (1 << 3) | 1;
  if (v === null) value.writeBigUInt64LE(staleMarker, 1);
  else value.writeDoubleLE(v, 1);
  return Buffer.concat([value, Buffer.from([2 << 3]), varint(t)]);
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  while (left >= 0x80) {
    bytes.push((left % 0x80) | 0x80);
    left = Math.floor(left / 0x80);
  }
  return Buffer.from([...bytes, left]);
}

/** https://github.com/google/snappy/blob/main/format_description.txt */
function snappy(content: Buffer): Buffer {
  const parts = [varint(content.length)];
  for (let from = 0; from < content.length; from += 2 ** 16) {
    const some = content.subarray(from, from + 2 ** 16);
    const head = Buffer.from([61 << 2, 0, 0]);
    head.writeUInt16LE(some.length - 1, 1);
    parts.push(head, some);
  }
  return Buffer.concat(parts);
}
