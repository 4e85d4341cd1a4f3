import type { ScalingFacts } from './evidence.ts';

/** Modes in which a VerticalPodAutoscaler changes pods (`Auto` is the older name of `Recreate`); `Off` only advises. */
const writes: readonly string[] = ['Initial', 'Recreate', 'InPlaceOrRecreate', 'InPlace', 'Auto'];

/** `HPA web on memory as a share of the request; VPA web (Recreate)`. */
export function scalingWords({ scaler, vpa }: ScalingFacts): string {
  return [
    ...(scaler === null ? [] : [`${scaler.kind} ${scaler.name}${onMemoryWords[scaler.onMemory]}`]),
    ...(vpa === null ? [] : [`VPA ${vpa.name} (${vpa.mode})`]),
  ].join('; ');
}

const onMemoryWords: Readonly<Record<NonNullable<ScalingFacts['scaler']>['onMemory'], string>> = {
  share: ' on memory as a share of the request',
  value: ' on memory',
  no: ', not on memory',
};

/** What a change of limit and request meets besides the scheduler; '' where nothing scales by them. */
export function scalingNote({ scaler, vpa }: ScalingFacts): string {
  const fewer =
    scaler?.onMemory === 'share'
      ? ` ${scaler.kind} ${scaler.name} scales on memory as a share of the request, so with a higher request it runs fewer pods.`
      : '';
  const undone =
    vpa !== null && writes.includes(vpa.mode)
      ? ` VPA ${vpa.name} (${vpa.mode}) sets the memory of new pods itself and would undo it: raise its maxAllowed or minAllowed too.`
      : '';
  return `${fewer}${undone}`;
}
