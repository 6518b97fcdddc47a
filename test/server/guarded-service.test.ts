// A service may be of a class, and its hooks and its clients' handlers use `this`.
import { expect, it } from 'vitest';
import type { ClientHandler, Service } from '../../src/server/service.js';
import { guardedService } from '../../src/server/guarded-service.js';

type Client = Parameters<NonNullable<Service['welcomed']>>[0];
type SeenRecord = Parameters<Service['read']>[0];

class Handler implements ClientHandler {
  constructor(private readonly told: string[]) {}
  frame() {
    this.told.push('frame');
  }
  resume() {
    this.told.push('resume');
  }
  gone() {
    this.told.push('gone');
  }
}

class Scores implements Service {
  readonly frames = ['score'];
  readonly told: string[] = [];
  read() {
    this.told.push('read');
    return null;
  }
  welcomed() {
    this.told.push('welcomed');
    return new Handler(this.told);
  }
  onRecord() {
    this.told.push('onRecord');
  }
  onForget() {
    this.told.push('onForget');
  }
}

it('hooks are called on their service, and those of a client on its handler', async () => {
  const scores = new Scores();
  const mistakes: unknown[] = [];
  const { read, onRecord, onForget, welcomed } = guardedService(scores, (...mistake) =>
    mistakes.push(mistake),
  );
  read({} as SeenRecord);
  onRecord?.({} as SeenRecord);
  onForget?.(0);
  const { frame, resume, gone } = welcomed?.({} as Client) ?? {};
  await frame?.({ type: 'score' });
  resume?.();
  gone?.('moved');
  expect(mistakes).toEqual([]);
  const all = ['read', 'onRecord', 'onForget', 'welcomed', 'frame', 'resume', 'gone'];
  expect(scores.told).toEqual(all);
});
