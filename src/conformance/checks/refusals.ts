// What an instance refuses besides hellos: a client that says too much, and settings that it cannot start
// with. Sections 2 and 10. Only of a program of one's own: nobody floods a service that runs.

import { errorCloseCodes } from '../../server/close-codes.js';
import { must, type Check } from '../check.js';
import { connect } from '../connect.js';
import { heardWords } from '../line.js';
import { answerWithinMs, floodFrames, startWithinMs } from '../limits.js';
import type { Program } from '../scene.js';

const flood: Check = {
  name: 'too-many',
  section: '2',
  expected:
    'who sends more than 200 frames a second after a burst of 512 gets error too-many, and 4429',
  needs: ['program'],
  run: async (scene) => {
    const { line } = await connect(scene);
    for (let sent = 0; sent < floodFrames; sent += 1) line.say({ type: 'moved', gapMs: 1 });
    const error = await line.take('error', answerWithinMs);
    const end = await line.ended(answerWithinMs);
    const code = errorCloseCodes['too-many'];
    must(
      error?.['code'] === 'too-many' && end?.code === code,
      `a client sent ${floodFrames} frames at once, and heard: ${heardWords(line)}`,
      `count the frames of each client, 200 a second after a burst of 512, whatever they are: beyond that error too-many, close ${code}`,
    );
    return `${floodFrames} frames at once: too-many, closed with ${code}`;
  },
};

/** A number of partitions that is none; the ports and the service are right. */
const wrong = { EVENKEEL_PARTITIONS: 'none' };

const settings: Check = {
  name: 'refuses-wrong-settings',
  section: '10',
  expected: 'exit status 2 for wrong settings: who supervises it need not try again',
  needs: ['program'],
  run: async (scene) => {
    const code = await (scene.program as Program).startWrongly(wrong);
    const how =
      code === undefined
        ? `still runs after ${startWithinMs / 1000} s`
        : `ended with ${code === null ? 'a signal' : `status ${code}`}`;
    must(
      code === 2,
      `the program was started with EVENKEEL_PARTITIONS=none, and ${how}`,
      'read every setting before anything else, and end with status 2 where one is wrong',
    );
    return 'EVENKEEL_PARTITIONS=none: ended with status 2';
  },
};

/** While it serves. */
export const floodChecks: readonly Check[] = [flood];
/** When its last life has ended: one that takes the settings would be another life of the same instance. */
export const settingsChecks: readonly Check[] = [settings];
