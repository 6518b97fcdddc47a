import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { failureOf, withResult } from '../../workflows/failures.js';

it('a run closes with a sentence and no lines of code, also once its result is told with it', () => {
  const cause = ApplicationFailure.create({ type: 'Injected', message: 'made to fail' });
  const failure = failureOf('RebalanceUndone', 'verify failed; undone', { cause });
  expect(failure).toMatchObject({ type: 'RebalanceUndone', nonRetryable: true, stack: '' });
  const told = withResult(failure, { service: 'm' });
  expect(told).toMatchObject({
    ...{ type: 'RebalanceUndone', message: 'verify failed; undone', nonRetryable: true },
    ...{ stack: '', details: [{ service: 'm' }], cause },
  });
});

it('a run that was cancelled closes as cancelled', () => {
  const cancelled = new CancelledFailure('by hand');
  expect(withResult(cancelled, {})).toBe(cancelled);
});
