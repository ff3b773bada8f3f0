// Every method of the official Straddle client, called at least once on the way from a customer to a paid charge and from
// an organization to an active account. Which methods there are the client itself tells.
import assert from 'node:assert/strict';
import Straddle from '@straddlecom/straddle';

const { ADMIN_URL } = process.env;
const client = new Straddle({ maxRetries: 0 }); // key and base URL come from the environment

// watch notes in unused the name of every method below object, and takes it out when the method is called.
const unused = new Set();
function watch(object, path) {
	for (const [name, resource] of Object.entries(object)) {
		if (name === '_client' || typeof resource !== 'object' || !('_client' in (resource ?? {}))) continue;
		for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(resource))) {
			if (method === 'constructor') continue;
			const called = [...path, name, method].join('.');
			const send = resource[method].bind(resource);
			unused.add(called);
			resource[method] = (...args) => {
				unused.delete(called);
				return send(...args);
			};
		}
		watch(resource, [...path, name]);
	}
}
watch(client, []);
const methods = unused.size;

// later moves the clock of the sandbox.
async function later(hours) {
	const body = JSON.stringify({ advance: `${hours}h` });
	const moved = await fetch(ADMIN_URL + '/clock', { method: 'PUT', body, headers: { 'Content-Type': 'application/json' } });
	assert.equal(moved.status, 200, await moved.text());
}

// found reads a list to its end, which must have the id.
async function found(list, id) {
	const ids = [];
	for await (const row of list) ids.push(row.id);
	assert.ok(ids.includes(id), `${id} is not among ${ids}`);
}

const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const ip_address = '203.0.113.7';
let count = 0;
const external_id = () => `order-${++count}`;

// Customers.
const person = (sandbox_outcome) => ({
	name: 'Example Person', type: 'individual', email: `person${++count}@example.com`, phone: '+12025550123', device: { ip_address }, config: { sandbox_outcome },
});
const { data: customer } = await client.customers.create(person('verified'));
assert.equal((await client.customers.get(customer.id)).data.status, 'verified');
assert.equal((await client.customers.unmasked(customer.id)).data.id, customer.id);
const changed = { device: { ip_address }, email: customer.email, name: 'Another Name', phone: customer.phone, status: 'verified' };
assert.equal((await client.customers.update(customer.id, changed)).data.name, 'Another Name');
await found(client.customers.list({ page_size: 2 }), customer.id);
assert.ok((await client.customers.review.get(customer.id)).data);
assert.ok((await client.customers.review.refreshReview(customer.id)).data);
const { data: doubtful } = await client.customers.create(person('review'));
assert.equal((await client.customers.review.decision(doubtful.id, { status: 'verified' })).data.status, 'verified');
assert.equal((await client.customers.delete(doubtful.id)).data.id, doubtful.id);

// Paykeys.
assert.ok((await client.bridge.initialize({ customer_id: customer.id })).data.bridge_token);
const bank = (sandbox_outcome) => ({
	customer_id: customer.id, routing_number: '021000021', account_number: `12345678${++count % 10}`, account_type: 'checking', config: { sandbox_outcome },
});
const { data: paykey } = await client.bridge.link.bankAccount(bank('active'));
assert.ok((await client.bridge.link.plaid({ customer_id: customer.id, plaid_token: 'processor-token' })).data.paykey);
assert.ok((await client.bridge.link.createPaykey({ customer_id: customer.id, quiltt_token: 'quiltt-token' })).data.paykey);
const tan = { customer_id: customer.id, account_type: 'checking', routing_number: '021000021', tan: '123456' };
assert.ok((await client.bridge.link.createTan(tan)).data.paykey);
assert.equal((await client.paykeys.get(paykey.id)).data.status, 'active');
assert.equal((await client.paykeys.unmasked(paykey.id)).data.id, paykey.id);
assert.equal((await client.paykeys.reveal(paykey.id)).data.paykey, paykey.paykey);
await found(client.paykeys.list({ customer_id: customer.id }), paykey.id);
assert.equal((await client.paykeys.updateBalance(paykey.id)).data.id, paykey.id);
const { data: open } = await client.bridge.link.bankAccount(bank('review'));
assert.ok((await client.paykeys.review.get(open.id)).data);
assert.ok((await client.paykeys.review.refreshReview(open.id)).data);
assert.ok((await client.paykeys.review.decision(open.id, { status: 'active' })).data);
assert.equal((await client.paykeys.cancel(open.id, { reason: 'not needed' })).data.status, 'inactive');

// Charges.
const charge = (sandbox_outcome) => ({
	paykey: paykey.paykey, amount: 2500, currency: 'USD', description: 'Order', external_id: external_id(), consent_type: 'internet',
	payment_date: day(1), device: { ip_address }, config: { balance_check: 'disabled', sandbox_outcome },
});
const { data: paid } = await client.charges.create(charge('paid'));
const { data: held } = await client.charges.create(charge('paid'));
assert.equal((await client.charges.hold(held.id, { reason: 'a look' })).data.status, 'on_hold');
assert.equal((await client.charges.release(held.id, { reason: 'looked at' })).data.status, 'created');
assert.equal((await client.charges.update(held.id, { amount: 2600, description: 'Order', payment_date: day(2) })).data.amount, 2600);
assert.equal((await client.charges.cancel(held.id, { reason: 'no' })).data.status, 'cancelled');
assert.equal((await client.charges.unmask(held.id)).data.id, held.id);

// Payouts.
const payout = () => ({
	paykey: paykey.paykey, amount: 700, currency: 'USD', description: 'Refund', external_id: external_id(), payment_date: day(1),
	device: { ip_address }, config: { sandbox_outcome: 'paid' },
});
const { data: sent } = await client.payouts.create(payout());
assert.equal((await client.payouts.hold(sent.id, { reason: 'a look' })).data.status, 'on_hold');
assert.equal((await client.payouts.release(sent.id, { reason: 'looked at' })).data.status, 'created');
assert.equal((await client.payouts.update(sent.id, { amount: 800, description: 'Refund', payment_date: day(1) })).data.amount, 800);
assert.equal((await client.payouts.unmask(sent.id)).data.id, sent.id);
const { data: stopped } = await client.payouts.create(payout());
assert.equal((await client.payouts.cancel(stopped.id, { reason: 'no' })).data.status, 'cancelled');

// Time passes, and the bank answers.
await later(72);
assert.equal((await client.charges.get(paid.id)).data.status, 'paid');
await later(72);
assert.equal((await client.payouts.get(sent.id)).data.status, 'paid');
await found(client.payments.list({ page_size: 2 }), paid.id);
const events = [];
for await (const event of client.fundingEvents.list()) events.push(event);
assert.ok(events.length > 0);
assert.equal((await client.fundingEvents.get(events[0].id)).data.id, events[0].id);
assert.ok((await client.reports.createTotalCustomersByStatus()).data.verified > 0);

// A platform.
const { accounts, organizations, representatives, linkedBankAccounts } = client.embed;
const { data: organization } = await organizations.create({ name: 'Example Platform' });
assert.equal((await organizations.get(organization.id)).data.id, organization.id);
await found(organizations.list(), organization.id);
const address = { line1: '1 Main St', city: 'Anytown', state: 'NY', postal_code: '10001', country: 'US' };
const business_profile = {
	name: 'Example Shop', website: 'https://shop.example.com', legal_name: 'Example Shop LLC', tax_id: '210000000', phone: '+12025550123',
	description: 'Sells examples.', use_case: 'Payments for examples.', industry: { category: 'E-commerce', sector: 'Retail' }, address,
	support_channels: { email: 'help@example.com', phone: '+12025550123', url: 'https://shop.example.com/help' },
};
const { data: account } = await accounts.create({
	organization_id: organization.id, account_type: 'business', access_level: 'managed', business_profile,
});
assert.equal((await accounts.update(account.id, { business_profile })).data.id, account.id);
const human = {
	first_name: 'Example', last_name: 'Person', email: 'owner@example.com', dob: '1980-01-01', mobile_number: '+12025550123', ssn_last4: '1234',
	relationship: { control: true, owner: true, primary: true, percent_ownership: 100, title: 'Owner' },
};
const { data: owner } = await representatives.create({ account_id: account.id, ...human });
assert.equal((await representatives.update(owner.id, { ...human, last_name: 'Name' })).data.last_name, 'Name');
assert.equal((await representatives.get(owner.id)).data.id, owner.id);
assert.equal((await representatives.unmask(owner.id)).data.id, owner.id);
await found(representatives.list({ account_id: account.id }), owner.id);
const bank_account = { account_holder: 'Example Shop LLC', account_number: '123456789', routing_number: '021000021' };
const { data: linked } = await linkedBankAccounts.create({ account_id: account.id, bank_account });
assert.equal((await linkedBankAccounts.update(linked.id, { bank_account })).data.id, linked.id);
assert.equal((await linkedBankAccounts.get(linked.id)).data.id, linked.id);
assert.equal((await linkedBankAccounts.unmask(linked.id)).data.id, linked.id);
await found(linkedBankAccounts.list({ account_id: account.id }), linked.id);
const capability = { charges: { daily_amount: 100_000, enable: true, max_amount: 5_000, monthly_amount: 1_000_000, monthly_count: 100 } };
assert.ok((await accounts.capabilityRequests.create(account.id, capability)).data);
for await (const request of accounts.capabilityRequests.list(account.id)) assert.ok(request.id);
const terms_of_service = { accepted_date: new Date().toISOString(), agreement_type: 'embedded', agreement_url: 'https://shop.example.com/terms', accepted_ip: ip_address };
assert.equal((await accounts.onboard(account.id, { terms_of_service })).data.id, account.id);
assert.equal((await accounts.simulate(account.id, { final_status: 'active' })).data.id, account.id);
assert.equal((await accounts.get(account.id)).data.status, 'active');
await found(accounts.list(), account.id);
const { data: other } = await linkedBankAccounts.create({ account_id: account.id, bank_account: { ...bank_account, account_number: '987654321' } });
assert.equal((await linkedBankAccounts.cancel(other.id)).data.id, other.id);

assert.deepEqual([...unused], [], 'methods that were not called');
console.log(`all ${methods} methods of the official client work`);
