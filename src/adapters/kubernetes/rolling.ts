// Owns: what a rolling upgrade asks of a StatefulSet: another template, and the end of one process. Both
// look at the epoch first, and leave theirs there. Never chooses whose turn it is.

import type { AppsV1Api, CoreV1Api, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { ordinalOf } from '../../core/records.js';
import { BadInputError, UnreachableError } from '../../errors.js';
import type { Platform, PlatformView, RestartResult, TemplateResult } from '../../ports.js';
import { classOf, refusal, type Asking } from './call.js';
import { raceAttemptsMax } from './limits.js';
import { notOnDelete, roleNeeded } from './mend.js';
import { isOwnedBy, uidOf } from './pods.js';
import { epochPatch, factsOf } from './stateful-set.js';
import { imageStep, revisionStep, templatePatch, type TemplateStep } from './templates.js';

export interface RollingOptions {
  readonly apps: AppsV1Api;
  readonly core: CoreV1Api;
  readonly asking: Asking;
  readonly namespace: string;
  readonly nameOf: (service: string) => string;
  readonly read: (service: string) => Promise<V1StatefulSet>;
  /** The same, when the controller has seen what was written last, if it does soon. */
  readonly settled: (service: string) => Promise<V1StatefulSet>;
  /** A list is a JSON patch, an object a merge patch. Null: somebody else wrote in between. */
  readonly patch: (service: string, body: object) => Promise<V1StatefulSet | null>;
  readonly viewOf: (service: string, set: V1StatefulSet) => Promise<PlatformView>;
}

export function createRolling(options: RollingOptions): Pick<Platform, 'setTemplate' | 'restart'> {
  const { apps, core, asking, namespace, nameOf, read, settled, patch, viewOf } = options;

  const mayNot = (error: unknown, service: string, what: string) =>
    refusal(error, what, roleNeeded(nameOf(service), namespace));

  const lost = (service: string) =>
    new UnreachableError(
      'kubernetes',
      `StatefulSet ${nameOf(service)} was written by others ${raceAttemptsMax} times in a row`,
      undefined,
    );

  const revisionsOf = async (service: string, { spec }: V1StatefulSet) => {
    const what = `to list controllerrevisions in ${namespace}`;
    const labels = Object.entries(spec?.selector.matchLabels ?? {});
    const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
    try {
      const ask = apps.listNamespacedControllerRevision.bind(apps);
      return (await asking({ what, ask: (how) => ask({ namespace, labelSelector }, how) })).items;
    } catch (error) {
      throw mayNot(error, service, what);
    }
  };

  const setTemplate: Platform['setTemplate'] = async (
    service,
    { epoch, ...to },
  ): Promise<TemplateResult> => {
    for (let attempt = 1; attempt <= raceAttemptsMax; attempt += 1) {
      const set = await settled(service);
      const facts = factsOf(set);
      if (epoch < facts.epoch) return { kind: 'superseded', epoch: facts.epoch };
      if (!facts.isOnDelete) {
        return { kind: 'refused', why: notOnDelete(nameOf(service), namespace) };
      }
      const step: TemplateStep =
        'image' in to
          ? imageStep(set, to.image)
          : to.template === facts.template
            ? { kind: 'present' }
            : revisionStep(set, to.template, await revisionsOf(service, set));
      if (step.kind === 'refused') return step;
      if (step.kind === 'present') return { kind: 'set', view: await viewOf(service, set) };
      const written = await patch(service, templatePatch(set, step.operations, epoch));
      if (written === null) continue;
      return { kind: 'set', view: await viewOf(service, await settled(service)) };
    }
    throw lost(service);
  };

  /** The StatefulSet under this epoch, or the higher one that is there. */
  const under = async (service: string, epoch: number): Promise<V1StatefulSet | number> => {
    for (let attempt = 1; attempt <= raceAttemptsMax; attempt += 1) {
      const set = await read(service);
      const present = factsOf(set).epoch;
      if (epoch < present) return present;
      if (epoch === present) return set;
      await patch(service, epochPatch(set, epoch)); // And look again, whether it was ours or not.
    }
    throw lost(service);
  };

  const podOf = async (service: string, name: string): Promise<V1Pod | null> => {
    const what = `to read pod ${name} in ${namespace}`;
    try {
      const ask = core.readNamespacedPod.bind(core);
      return await asking({ what, ask: (how) => ask({ namespace, name }, how) });
    } catch (error) {
      if (classOf(error).kind === 'absent') return null;
      throw mayNot(error, service, what);
    }
  };

  const restart: Platform['restart'] = async (
    service,
    { instance, uid, epoch },
  ): Promise<RestartResult> => {
    const ordinal = ordinalOf(instance);
    if (ordinal === null) throw new BadInputError(`${instance} is no instance of ${service}`);
    const name = `${nameOf(service)}-${ordinal}`;
    const what = `to delete pod ${name} in ${namespace}`;
    for (let attempt = 1; attempt <= raceAttemptsMax; attempt += 1) {
      const set = await under(service, epoch);
      if (typeof set === 'number') return { kind: 'superseded', epoch: set };
      const pod = await podOf(service, name);
      if (pod === null || !isOwnedBy(pod, set.metadata?.uid ?? '') || uidOf(pod) !== uid) {
        return { kind: 'gone' };
      }
      if (pod.metadata?.deletionTimestamp !== undefined) return { kind: 'restarting' };
      const { uid: podUid = '', resourceVersion = '' } = pod.metadata ?? {};
      const body = { preconditions: { uid: podUid, resourceVersion } };
      try {
        const ask = core.deleteNamespacedPod.bind(core);
        await asking({ what, isOnce: true, ask: (how) => ask({ namespace, name, body }, how) });
        return { kind: 'restarting' };
      } catch (error) {
        const { kind } = classOf(error);
        if (kind === 'absent') return { kind: 'gone' };
        // The pod has changed, if only its status: is it still that process?
        if (kind !== 'raced') throw mayNot(error, service, what);
      }
    }
    throw lost(service);
  };

  return { setTemplate, restart };
}
