import { describe, expect, it } from 'vitest';
import { diffText } from '../../../src/cli/diff.js';
import { nearest } from '../../../src/cli/nearest.js';
import { parsePolicy } from '../../../src/cli/policy-file.js';
import { differencesOf } from '../../../src/cli/policy/differences.js';

const given = `
service: messaging
partitions: 360
instances: { min: 2, max: 6 }
clientsPerInstance: { upper: 150, lower: 60, target: 100 }
`;

describe('what a policy file would change', () => {
  it('is told field by field, defaults filled in', () => {
    const before = parsePolicy(`${given}cooldownMs: 5000\nfloors: []\n`);
    const after = parsePolicy(`${given.replace('max: 6', 'max: 8')}stabilisation: { downMs: 0 }\n`);
    const differences = differencesOf(before, after);
    expect(differences).toContainEqual({ field: 'instances.max', before: '6', after: '8' });
    expect(differences).toContainEqual({ field: 'cooldownMs', before: '5000', after: '60000' });
    expect(differences).toContainEqual({ field: 'stabilisation.downMs', before: null, after: '0' });
    expect(differences).toHaveLength(3);
    expect(diffText('messaging', 7, differences).split('\n')).toEqual(
      expect.arrayContaining([
        'messaging: 3 fields would change from revision 7',
        '  instances.max  6 → 8',
        '  stabilisation.downMs  absent → 0',
      ]),
    );
  });

  it('is nothing when only a default was written down', () => {
    const same = parsePolicy(`${given}version: 1\nmode: live\nfloors: []\nstepMax: 1\n`);
    expect(differencesOf(parsePolicy(given), same)).toEqual([]);
    expect(diffText('messaging', 7, [])).toBe('messaging: as in revision 7, nothing changes');
  });
});

describe('the nearest word', () => {
  const known = ['cooldownMs', 'cooldownAfterUndoMs', 'stepMax', 'steps', 'tolerance'];

  it.each([
    ['cooldown', 'cooldownMs'],
    ['colodownMs', 'cooldownMs'],
    ['stepmax', 'stepMax'],
    ['step', 'stepMax'],
    ['tolerence', 'tolerance'],
  ])('to %s is %s', (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  it('is none where nothing is near', () => {
    expect(nearest('autoscaler', known)).toBeUndefined();
  });
});
