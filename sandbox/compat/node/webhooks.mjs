// Checks what was signed elsewhere, and signs what is checked elsewhere, with two libraries for Standard Webhooks. Input and
// output are JSON: {secret, messages: [{id, time, body, headers}]} in, and for each message {checks: {library: error},
// signatures: {library: signature}, finogates: header} out.
import { Webhook as Standard } from 'standardwebhooks';
import { Webhook as Svix } from 'svix';
import { createHmac } from 'node:crypto';

let input = '';
for await (const part of process.stdin) input += part;
const { secret, messages } = JSON.parse(input);
const libraries = { standardwebhooks: new Standard(secret), svix: new Svix(secret) };
const out = messages.map(({ id, time, body, headers }) => {
	const checks = {};
	const signatures = {};
	for (const [name, library] of Object.entries(libraries)) {
		try {
			library.verify(body, headers);
			checks[name] = '';
		} catch (error) {
			checks[name] = error.message;
		}
		signatures[name] = library.sign(id, new Date(time * 1000), body);
	}
	// Finogates' signature, for which there is no library, by its documents.
	const finogates = `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
	return { checks, signatures, finogates };
});
console.log(JSON.stringify(out));
