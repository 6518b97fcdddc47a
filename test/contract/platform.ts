// The laws of the Platform port, for every implementation. Names of the laws are in src/ports.ts.
import { describe, expect, it } from 'vitest';
import type { Platform, PlatformView } from '../../src/ports.js';
import { eventually } from '../support/eventually.js';

export interface PlatformUnderTest {
  readonly platform: Platform;
  /** Declares a service of its own for each test, with so many instances, and returns its name. */
  readonly declare: (replicas: number) => Promise<string>;
  /** Ends the process of an instance as if it had crashed. */
  readonly crash: (service: string, instance: string) => Promise<void>;
  /** Another image than the one that services are declared with, which runs as well. */
  readonly image: string;
}

export function platformContract(name: string, subject: () => PlatformUnderTest): void {
  const settled = (service: string, names: readonly string[]): Promise<PlatformView> =>
    eventually(`${service} runs ${names.join(', ') || 'nothing'}, all ready`, async () => {
      const view = await subject().platform.observe(service);
      const ready = view.instances
        .filter(({ phase }) => phase === 'ready')
        .map((found) => found.name);
      return ready.join() === names.join() && view.instances.length === names.length
        ? view
        : undefined;
    });
  const names = (service: string, n: number) =>
    Array.from({ length: n }, (_, i) => `${service}-${i}`);

  describe(`${name} keeps the laws of Platform`, () => {
    it('runs ordinals 0..n-1, each with a url and a uid of its own', async () => {
      const service = await subject().declare(2);
      const view = await settled(service, names(service, 2));
      expect(view).toMatchObject({ service, replicas: 2, epoch: 0 });
      expect(view.instances.map(({ ordinal }) => ordinal)).toEqual([0, 1]);
      expect(new Set(view.instances.map(({ uid }) => uid)).size).toBe(2);
      expect(new Set(view.instances.map(({ url }) => url)).size).toBe(2);
    });

    it('adds at the top and removes the highest, leaving the others as they are', async () => {
      const { platform, declare } = subject();
      const service = await declare(1);
      const one = await settled(service, names(service, 1));
      const grown = await platform.scale(service, { replicas: 3, epoch: 1, version: one.version });
      expect(grown).toMatchObject({ kind: 'scaled', view: { replicas: 3, epoch: 1 } });
      const three = await settled(service, names(service, 3));
      await platform.scale(service, { replicas: 2, epoch: 1, version: three.version });
      const two = await settled(service, names(service, 2));
      expect(two.instances).toEqual(three.instances.slice(0, 2));
      const removed = three.instances[2]?.uid ?? '';
      expect(await platform.hasEnded(service, removed)).toBe(true);
      expect(await platform.hasEnded(service, two.instances[0]?.uid ?? '')).toBe(false);
    });

    it('succeeds without a change when asked for the present number', async () => {
      const { platform, declare } = subject();
      const service = await declare(1);
      const before = await settled(service, names(service, 1));
      const same = { replicas: 1, epoch: before.epoch, version: before.version };
      const result = await platform.scale(service, same);
      expect(result).toEqual({ kind: 'scaled', view: before });
    });

    it('answers conflict and changes nothing when the version is not the current one', async () => {
      const { platform, declare } = subject();
      const service = await declare(1);
      const before = await settled(service, names(service, 1));
      await platform.scale(service, { replicas: 2, epoch: 1, version: before.version });
      const late = await platform.scale(service, {
        replicas: 0,
        epoch: 1,
        version: before.version,
      });
      expect(late).toMatchObject({ kind: 'conflict', view: { replicas: 2, epoch: 1 } });
      await settled(service, names(service, 2));
    });

    it('answers superseded and changes nothing when a higher epoch has written', async () => {
      const { platform, declare } = subject();
      const service = await declare(1);
      const before = await settled(service, names(service, 1));
      const higher = await platform.scale(service, {
        replicas: 1,
        epoch: 7,
        version: before.version,
      });
      const version = higher.kind === 'scaled' ? higher.view.version : '';
      const lower = await platform.scale(service, { replicas: 0, epoch: 6, version });
      expect(lower).toEqual({ kind: 'superseded', epoch: 7 });
      await settled(service, names(service, 1));
    });

    it('starts an instance that ended by itself again, with a new uid and the same url', async () => {
      const { platform, declare, crash } = subject();
      const service = await declare(2);
      const before = await settled(service, names(service, 2));
      const victim = before.instances[0];
      await crash(service, `${service}-0`);
      const after = await eventually('another life of instance 0', async () => {
        const view = await platform.observe(service);
        const [first] = view.instances;
        const isBack = first?.ordinal === 0 && first.phase === 'ready' && first.uid !== victim?.uid;
        return isBack ? view : undefined;
      });
      expect(after.instances[0]?.url).toBe(victim?.url);
      expect(after.instances[1]).toEqual(before.instances[1]);
      expect(await platform.hasEnded(service, victim?.uid ?? '')).toBe(true);
    });

    it('counts how often an instance ended by itself, until it is put there again', async () => {
      const { platform, declare, crash } = subject();
      const service = await declare(2);
      expect((await settled(service, names(service, 2))).ends).toEqual({});
      const instance = `${service}-1`;
      for (const times of [1, 2]) {
        await crash(service, instance);
        const counted = async () => (await platform.observe(service)).ends?.[instance] === times;
        await eventually(`${times} ends are counted`, counted);
        const { ends } = await settled(service, names(service, 2));
        expect(ends).toEqual({ [instance]: times });
      }
      const uid = uidOf(await platform.observe(service), 1);
      await platform.restart(service, { instance, uid, epoch: 1 });
      await eventually('another life of instance 1', async () => {
        const view = await platform.observe(service);
        return uidOf(view, 1) !== uid && view.instances[1]?.phase === 'ready';
      });
      expect((await platform.observe(service)).ends).toEqual({});
    });

    const changed = async (service: string, epoch: number, image = subject().image) => {
      const result = await subject().platform.setTemplate(service, { epoch, image });
      if (result.kind !== 'set') throw new Error(`the image was not set: ${result.kind}`);
      return result.view;
    };
    const uidOf = (view: PlatformView, at: number) => view.instances[at]?.uid ?? '';

    it('restarts nobody when the template changes, and starts whoever is new with it', async () => {
      const { platform, declare } = subject();
      const service = await declare(1);
      const before = await settled(service, names(service, 1));
      expect(before.template).toBeTypeOf('string');
      expect(before.instances[0]?.template).toBe(before.template);
      const view = await changed(service, 1);
      expect(view.template).not.toBe(before.template);
      expect(view.instances).toEqual(before.instances);
      await platform.scale(service, { replicas: 2, epoch: 1, version: view.version });
      const two = await settled(service, names(service, 2));
      expect(two.instances[0]).toEqual(before.instances[0]);
      expect(two.instances[1]?.template).toBe(view.template);
    });

    it('makes no new version of what a template says already', async () => {
      const service = await subject().declare(0);
      const { template, version } = await changed(service, 1);
      expect(await changed(service, 1)).toMatchObject({ template, version });
    });

    it('goes back to a template that it knows, and refuses one that it does not', async () => {
      const { platform, declare } = subject();
      const service = await declare(1);
      const before = await settled(service, names(service, 1));
      await changed(service, 1);
      const template = before.template ?? '';
      const back = await platform.setTemplate(service, { epoch: 1, template });
      expect(back).toMatchObject({ kind: 'set', view: { template } });
      const unknown = await platform.setTemplate(service, { epoch: 1, template: 'never-seen' });
      expect(unknown).toMatchObject({
        kind: 'refused',
        why: expect.stringMatching(/never-seen/) as string,
      });
      expect(await platform.observe(service)).toMatchObject({ template });
    });

    it('restarts exactly the process that is named, with the present template', async () => {
      const { platform, declare } = subject();
      const service = await declare(2);
      const before = await settled(service, names(service, 2));
      const { template } = await changed(service, 1);
      const instance = `${service}-0`;
      const which = { instance, uid: uidOf(before, 0), epoch: 1 };
      const gone = await platform.restart(service, { ...which, uid: 'another' });
      expect(gone).toEqual({ kind: 'gone' });
      expect((await platform.observe(service)).instances).toEqual(before.instances);
      expect(await platform.restart(service, which)).toEqual({ kind: 'restarting' });
      const after = await eventually('another life of instance 0', async () => {
        const view = await platform.observe(service);
        const [first] = view.instances;
        const isReady = first?.name === instance && first.phase === 'ready';
        const isBack = isReady && first.uid !== which.uid;
        return isBack ? view : undefined;
      });
      expect(after.instances[0]).toMatchObject({ template, url: before.instances[0]?.url });
      expect(after.instances[1]).toEqual(before.instances[1]);
      expect(await platform.hasEnded(service, which.uid)).toBe(true);
      // Said twice, it ends nobody else.
      expect(await platform.restart(service, which)).toEqual({ kind: 'gone' });
    });

    it('neither restarts nor changes a template under a lower epoch', async () => {
      const { platform, declare } = subject();
      const service = await declare(1);
      const before = await settled(service, names(service, 1));
      await platform.scale(service, { replicas: 1, epoch: 7, version: before.version });
      const superseded = { kind: 'superseded', epoch: 7 };
      const { image } = subject();
      expect(await platform.setTemplate(service, { epoch: 6, image })).toEqual(superseded);
      const which = { instance: `${service}-0`, uid: uidOf(before, 0), epoch: 6 };
      expect(await platform.restart(service, which)).toEqual(superseded);
      const { template, instances } = await platform.observe(service);
      expect({ template, instances }).toEqual({
        template: before.template,
        instances: before.instances,
      });
    });

    it('never says that a process it does not know has ended', async () => {
      const { platform, declare } = subject();
      const service = await declare(0);
      expect(await platform.hasEnded(service, 'never-seen')).toBe(false);
    });

    it('refuses to observe a service that nobody declared, naming it', async () => {
      await expect(subject().platform.observe('nobody')).rejects.toThrow(/nobody/);
    });
  });
}
