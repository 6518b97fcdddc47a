// Owns: what changes a StatefulSet's template: another image of the instance's container, or an earlier
// ControllerRevision's own text. Pure: it asks nobody.

import type { V1ControllerRevision, V1StatefulSet } from '@kubernetes/client-node';
import { defaultContainer } from './pods.js';
import { epochAnnotation } from './stateful-set.js';

export type TemplateStep =
  | { readonly kind: 'present' }
  | { readonly kind: 'refused'; readonly why: string }
  /** Operations of a JSON patch. */
  | { readonly kind: 'patch'; readonly operations: readonly object[] };

/** The container that `kubectl exec` would take: the annotated one, else the first. */
export function imageStep(set: V1StatefulSet, image: string): TemplateStep {
  const { metadata, spec } = set.spec?.template ?? {};
  const containers = spec?.containers ?? [];
  const named = metadata?.annotations?.[defaultContainer];
  const at = named === undefined ? 0 : containers.findIndex(({ name }) => name === named);
  const found = containers[at];
  if (found === undefined) {
    const why = `the template has no container ${named ?? ''}, which its annotation ${defaultContainer} names`;
    return { kind: 'refused', why };
  }
  if (found.image === image) return { kind: 'present' };
  const path = `/spec/template/spec/containers/${at}/image`;
  return { kind: 'patch', operations: [{ op: 'replace', path, value: image }] };
}

/** Back to a revision that the controller has kept (`revisionHistoryLimit`), as kubectl rollout undo does. */
export function revisionStep(
  set: V1StatefulSet,
  wanted: string,
  all: readonly V1ControllerRevision[],
): TemplateStep {
  const known = all.filter(({ metadata }) =>
    metadata?.ownerReferences?.some(({ uid }) => uid === set.metadata?.uid),
  );
  const found = known.find(({ metadata }) => metadata?.name === wanted);
  const template = templateIn(found);
  if (template === undefined) {
    const names = known.map(({ metadata }) => metadata?.name ?? '').sort();
    return {
      kind: 'refused',
      why: `no template ${wanted} is known any more: there are ${names.join(', ')}`,
    };
  }
  return {
    kind: 'patch',
    operations: [{ op: 'replace', path: '/spec/template', value: template }],
  };
}

/** With the epoch in the same write; the server refuses it (409) when the object has changed. */
export function templatePatch(
  set: V1StatefulSet,
  operations: readonly object[],
  epoch: number,
): object[] {
  const { resourceVersion, annotations } = set.metadata ?? {};
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ...(annotations === undefined ? [{ op: 'add', path: '/metadata/annotations', value: {} }] : []),
    {
      op: 'add',
      path: `/metadata/annotations/${epochAnnotation.replaceAll('/', '~1')}`,
      value: String(epoch),
    },
    ...operations,
  ];
}

/** The raw text, so that fields which this client does not know survive; `$patch` is kubectl's. */
function templateIn(revision: V1ControllerRevision | undefined): object | undefined {
  const { spec } = (revision?.data ?? {}) as { spec?: { template?: Record<string, unknown> } };
  if (spec?.template === undefined) return undefined;
  return Object.fromEntries(Object.entries(spec.template).filter(([key]) => key !== '$patch'));
}
