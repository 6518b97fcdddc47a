// Owns: what a StatefulSet says: number, epoch, version, template, whether somebody else scaled it; and
// the writes that change number and epoch. Pure: it asks nobody.
//
// Number and epoch are changed by one patch of the StatefulSet under its resourceVersion. The scale
// subresource carries no annotation, so the epoch would take a second write, and a worker of an older
// run could slip in between.

import type { V1StatefulSet } from '@kubernetes/client-node';
import type { ForeignScaling } from '../../ports.js';

export const fieldManager = 'evenkeel';
export const epochAnnotation = 'evenkeel.dev/epoch';
/** What we asked for last, to see whether somebody else has asked since. */
const replicasAnnotation = 'evenkeel.dev/replicas';

export interface StatefulSetFacts {
  readonly uid: string;
  readonly replicas: number;
  readonly epoch: number;
  /**
   * Of what `scale` decides on: the object, its spec, the epoch. Not `resourceVersion`, which also
   * changes whenever a pod becomes ready.
   */
  readonly version: string;
  readonly foreign: ForeignScaling | undefined;
  readonly isParallel: boolean;
  /**
   * Name of the ControllerRevision that pods are made from now on. Undefined while the controller has not
   * seen this object's present generation: what its status names may be the one before.
   */
  readonly template: string | undefined;
  /** Only then does a change of the template restart nobody. */
  readonly isOnDelete: boolean;
}

export function factsOf(set: V1StatefulSet): StatefulSetFacts {
  const { uid = '', generation = 0, annotations = {} } = set.metadata ?? {};
  const replicas = set.spec?.replicas ?? 1;
  const epoch = wholeNumber(annotations[epochAnnotation]) ?? 0;
  const revision = set.status?.updateRevision;
  const asked = wholeNumber(annotations[replicasAnnotation]);
  return {
    uid,
    replicas,
    epoch,
    version: `${uid.slice(0, 8)}.${generation}.${epoch}`,
    foreign:
      asked === undefined || asked === replicas ? undefined : { from: asked, by: whoScaled(set) },
    isParallel: set.spec?.podManagementPolicy === 'Parallel',
    template: (set.status?.observedGeneration ?? 0) >= generation ? revision : undefined,
    isOnDelete: set.spec?.updateStrategy?.type === 'OnDelete',
  };
}

/**
 * Throws when it is none, as a proxy's page with a 200 would be: what it does not say would be read as one
 * instance under no epoch.
 */
export function statefulSetIn(answer: V1StatefulSet): V1StatefulSet {
  if (answer.metadata?.uid === undefined || answer.spec === undefined) {
    throw new Error('what it answers is no StatefulSet');
  }
  return answer;
}

/** A JSON merge patch; the server refuses it (409) when the object has changed since it was read. */
export function scalePatch(
  set: V1StatefulSet,
  to: { readonly replicas: number; readonly epoch: number },
): object {
  return {
    metadata: {
      resourceVersion: set.metadata?.resourceVersion,
      annotations: {
        [epochAnnotation]: String(to.epoch),
        [replicasAnnotation]: String(to.replicas),
      },
    },
    spec: { replicas: to.replicas },
  };
}

/** The epoch alone, in the same way. */
export function epochPatch(set: V1StatefulSet, epoch: number): object {
  const annotations = { [epochAnnotation]: String(epoch) };
  return { metadata: { resourceVersion: set.metadata?.resourceVersion, annotations } };
}

/** Whoever owns the field by the server's own book: `kubectl`, the autoscaler's manager … */
function whoScaled(set: V1StatefulSet): string | null {
  const owner = set.metadata?.managedFields
    ?.filter(({ manager }) => manager !== fieldManager)
    .filter(({ fieldsV1 }) => {
      const spec = (fieldsV1 as Record<string, unknown> | undefined)?.['f:spec'];
      return typeof spec === 'object' && spec !== null && 'f:replicas' in spec;
    })
    .sort((a, b) => Number(b.time ?? 0) - Number(a.time ?? 0))[0];
  return owner?.manager ?? null;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
