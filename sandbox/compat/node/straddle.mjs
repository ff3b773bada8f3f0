// What an application does with the official Straddle client, unchanged, and what it may expect of the sandbox.
import assert from 'node:assert/strict';
import Straddle from '@straddlecom/straddle';

const { CUSTOMER_ID: customer_id, ACCOUNT_ID, ADMIN_URL } = process.env;
const client = new Straddle(); // key and base URL come from the environment

const { data: made, response } = await client.bridge.initialize({ customer_id }).withResponse();
assert.equal(response.status, 201);
assert.equal(made.response_type, 'object');
assert.match(made.data.bridge_token, /^[^.]+\.[^.]+\.[^.]+$/);
assert.ok(made.meta.api_request_id && made.meta.api_request_timestamp);

const everything = {
	customer_id, external_id: 'mine', config: { processing_method: 'inline', sandbox_outcome: 'active' },
	'Straddle-Account-Id': ACCOUNT_ID, 'Request-Id': 'r', 'Correlation-Id': 'c', 'Idempotency-Key': 'key-' + Math.random().toString().slice(2, 12),
};
const first = await client.bridge.initialize(everything);
const again = await client.bridge.initialize(everything).withResponse();
assert.equal(again.data.data.bridge_token, first.data.bridge_token);
assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');

await assert.rejects(client.bridge.initialize({ ...everything, external_id: 'yours' }, { maxRetries: 0 }), Straddle.ConflictError);
await assert.rejects(client.bridge.initialize({ customer_id: 'me' }), Straddle.BadRequestError);
await assert.rejects(client.bridge.initialize({ customer_id: '99999999-9999-4999-8999-999999999999' }), Straddle.UnprocessableEntityError);
await assert.rejects(
	client.bridge.initialize({ customer_id, 'Straddle-Account-Id': '99999999-9999-4999-8999-999999999999' }),
	Straddle.PermissionDeniedError,
);
await assert.rejects(new Straddle({ apiKey: 'wrong' }).bridge.initialize({ customer_id }), Straddle.AuthenticationError);

// It tries again by itself where the sandbox fails once.
const rule = { provider: 'straddle', kind: 'error', status: 503, retry_after: '0', times: 1 };
const added = await fetch(ADMIN_URL + '/faults', { method: 'POST', body: JSON.stringify(rule), headers: { 'Content-Type': 'application/json' } });
assert.equal(added.status, 201);
assert.ok((await client.bridge.initialize({ customer_id })).data.bridge_token);
console.log('the official client works');
