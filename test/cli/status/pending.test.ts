import { randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import {
  encodeErrorToFailure,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { expect, it } from 'vitest';
import { pendingOf } from '../../../src/cli/status/pending.js';
import { dataConverterOf } from '../../../src/payload-codec.js';

const withKey = () => loadDataConverter(dataConverterOf(`k:${randomBytes(32).toString('base64')}`));

it('why the last try failed is told to who has the key, and only to them', async () => {
  const converter = withKey();
  const error = new ApplicationFailure('outer', 'X', false, [], new Error('Kafka is away'));
  const lastFailure = await encodeErrorToFailure(converter, error);
  expect(JSON.stringify(lastFailure)).not.toContain('Kafka');
  const pendingActivities = [{ activityType: { name: 'notify' }, lastFailure }];
  const [one] = await pendingOf({ pendingActivities }, converter);
  expect(one).toMatchObject({ activity: 'notify', lastFailure: 'Kafka is away' });
  const [other] = await pendingOf({ pendingActivities }, withKey());
  expect(other?.lastFailure).not.toContain('Kafka');
  expect(other?.lastFailure).toContain('key');
});

it('a failure that is not encrypted is told as it is', async () => {
  const plain = loadDataConverter(undefined);
  const lastFailure = await encodeErrorToFailure(plain, new Error('Kafka is away'));
  const [one] = await pendingOf({ pendingActivities: [{ lastFailure }] }, plain);
  expect(one?.lastFailure).toBe('Kafka is away');
  const [none] = await pendingOf({ pendingActivities: [{}] }, plain);
  expect(none?.lastFailure).toBeNull();
});
