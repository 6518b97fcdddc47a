import type { V1ControllerRevision, V1StatefulSet } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import {
  imageStep,
  revisionStep,
  templatePatch,
} from '../../../src/adapters/kubernetes/templates.js';
import { factsOf } from '../../../src/adapters/kubernetes/stateful-set.js';

const set = (annotations: Record<string, string> = {}): V1StatefulSet => ({
  metadata: { uid: 'set-1', resourceVersion: '7', generation: 3 },
  spec: {
    selector: {},
    serviceName: 'chat',
    template: {
      metadata: { annotations },
      spec: {
        containers: [
          { name: 'side', image: 'side:1' },
          { name: 'main', image: 'main:1' },
        ],
      },
    },
  },
});
const toMain = { 'kubectl.kubernetes.io/default-container': 'main' };
const revision = (name: string, owner: string): V1ControllerRevision => ({
  metadata: { name, ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: owner }] },
  revision: 1,
  data: { spec: { template: { $patch: 'replace', spec: { unknownToUs: name } } } },
});

describe('a change of the template', () => {
  it('is the image of the first container, or of the one that is annotated', () => {
    const pathOf = (of: V1StatefulSet) => imageStep(of, 'new:2');
    const operation = (at: number) => ({
      kind: 'patch',
      operations: [
        { op: 'replace', path: `/spec/template/spec/containers/${at}/image`, value: 'new:2' },
      ],
    });
    expect(pathOf(set())).toEqual(operation(0));
    expect(pathOf(set(toMain))).toEqual(operation(1));
    expect(imageStep(set(toMain), 'main:1')).toEqual({ kind: 'present' });
  });

  it('is refused when the annotated container is not there', () => {
    const of = set({ 'kubectl.kubernetes.io/default-container': 'gone' });
    expect(imageStep(of, 'new:2')).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/gone/) as string,
    });
  });

  it('is an earlier revision of this very StatefulSet, in its own words', () => {
    const all = [revision('chat-a', 'set-1'), revision('chat-b', 'set-0')];
    expect(revisionStep(set(), 'chat-a', all)).toEqual({
      kind: 'patch',
      operations: [
        { op: 'replace', path: '/spec/template', value: { spec: { unknownToUs: 'chat-a' } } },
      ],
    });
    const why = 'no template chat-b is known any more: there are chat-a';
    expect(revisionStep(set(), 'chat-b', all)).toEqual({ kind: 'refused', why });
  });

  it('takes the epoch along, under the version that was read', () => {
    const epoch = { op: 'add', path: '/metadata/annotations/evenkeel.dev~1epoch', value: '4' };
    const version = { op: 'replace', path: '/metadata/resourceVersion', value: '7' };
    expect(templatePatch(set(), [], 4)).toEqual([
      version,
      { op: 'add', path: '/metadata/annotations', value: {} },
      epoch,
    ]);
    const annotated = { ...set(), metadata: { resourceVersion: '7', annotations: { a: 'b' } } };
    expect(templatePatch(annotated, [], 4)).toEqual([version, epoch]);
  });
});

describe('the present template', () => {
  const seen = (observedGeneration: number) =>
    factsOf({ ...set(), status: { replicas: 1, observedGeneration, updateRevision: 'chat-a' } });

  it('is not told while the controller has not seen the last change', () => {
    expect(seen(2).template).toBeUndefined();
    expect(seen(3).template).toBe('chat-a');
  });
});
