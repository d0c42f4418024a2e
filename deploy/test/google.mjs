// Google as far as ./ytempire test --alerts asks it: the consent page, the token endpoint, channels.list and reports.query of Analytics, at the
// wire. Errors are the bodies of sidecar/service/src/test/resources/google/errors, as Google sends them.
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const ERRORS = new URL('../../sidecar/service/src/test/resources/google/errors', import.meta.url)
	.pathname;

export class Google {
	/** The error that the Data API answers, as a file of ERRORS without its ending; undefined: none. */
	fault;
	/** Milliseconds that Analytics takes for an answer. */
	analyticsDelay = 0;
	/** Consents that wait for their exchange, by code; grants, by refresh token; and the channel of each access token. */
	#codes = new Map();
	#grants = new Map();
	#channels = new Map();

	/**
	 * @param client id and secret of the one OAuth client that it knows
	 * @param channelId the channel that an owner picks on the consent page from now on
	 */
	constructor(client, channelId) {
		Object.assign(this, { client, channelId });
	}

	/** Listens on a free port; returns its address. */
	async start() {
		const server = createServer(async (request, response) => {
			let body = '';
			for await (const chunk of request) body += chunk;
			const { pathname, searchParams } = new URL(request.url, 'http://google');
			const { status, headers, text } = await this.#answer(
				`${request.method} ${pathname}`,
				request.method === 'POST' ? new URLSearchParams(body) : searchParams,
				request.headers.authorization,
			);
			response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', ...headers });
			response.end(text);
		});
		await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
		server.unref();
		return `http://127.0.0.1:${server.address().port}`;
	}

	async #answer(route, parameters, authorization) {
		if (route === 'GET /o/oauth2/v2/auth') return this.#consent(parameters);
		if (route === 'POST /token') return this.#token(parameters);
		const channelId = this.#channels.get(authorization?.replace(/^Bearer /, ''));
		if (route.startsWith('GET /youtube/v3/')) {
			if (!channelId) return this.#error('401-auth-error');
			if (this.fault) return this.#error(this.fault);
			if (route === 'GET /youtube/v3/channels') return this.#listChannels(parameters, channelId);
		}
		if (route === 'GET /v2/reports') {
			if (!channelId) return this.#error('401-auth-error');
			await setTimeout(this.analyticsDelay);
			return this.#report(parameters, channelId);
		}
		return { status: 404, headers: { 'content-type': 'text/html' }, text: '<html>404</html>' };
	}

	/** A recorded error; its status is the beginning of its name. */
	#error(name) {
		return {
			status: Number(/^\d+/.exec(name)?.[0] ?? 400),
			text: readFileSync(join(ERRORS, `${name}.json`), 'utf8'),
		};
	}

	/** The owner agrees at once, and is sent back (developers.google.com/identity/protocols/oauth2/web-server). */
	#consent(asked) {
		if (asked.get('client_id') !== this.client.id || asked.get('response_type') !== 'code')
			return { status: 400, headers: { 'content-type': 'text/html' }, text: 'invalid_client' };
		const code = randomUUID();
		this.#codes.set(code, { asked, channelId: this.channelId });
		const back = new URL(asked.get('redirect_uri'));
		back.searchParams.set('state', asked.get('state'));
		back.searchParams.set('code', code);
		return { status: 302, headers: { location: back.href }, text: '' };
	}

	#token(asked) {
		if (
			asked.get('client_id') !== this.client.id ||
			asked.get('client_secret') !== this.client.secret
		)
			return { status: 401, text: '{"error": "invalid_client"}' };
		if (asked.get('grant_type') === 'authorization_code') {
			const consent = this.#codes.get(asked.get('code'));
			// A code counts once.
			this.#codes.delete(asked.get('code'));
			const challenge = createHash('sha256')
				.update(asked.get('code_verifier') ?? '')
				.digest('base64url');
			if (
				challenge !== consent?.asked.get('code_challenge') ||
				asked.get('redirect_uri') !== consent.asked.get('redirect_uri')
			)
				return this.#error('oauth-invalid-grant');
			const refreshToken = `1//${randomUUID()}`;
			const grant = { scope: consent.asked.get('scope'), channelId: consent.channelId };
			this.#grants.set(refreshToken, grant);
			return this.#tokens(grant, { refresh_token: refreshToken });
		}
		const grant = this.#grants.get(asked.get('refresh_token'));
		return grant ? this.#tokens(grant, {}) : this.#error('oauth-invalid-grant');
	}

	#tokens({ scope, channelId }, more) {
		const accessToken = `ya29.${randomUUID()}`;
		this.#channels.set(accessToken, channelId);
		const answer = {
			access_token: accessToken,
			expires_in: 3599,
			scope,
			token_type: 'Bearer',
			...more,
		};
		return { status: 200, text: JSON.stringify(answer) };
	}

	/** The owner's channel; of handles it knows none (developers.google.com/youtube/v3/docs/channels/list). */
	#listChannels(asked, channelId) {
		const channel = {
			kind: 'youtube#channel',
			etag: 'x',
			id: channelId,
			snippet: { title: 'A', publishedAt: '2020-01-01T00:00:00Z' },
			contentDetails: {
				relatedPlaylists: { likes: '', uploads: channelId.replace(/^UC/, 'UU') },
			},
		};
		const items = asked.get('mine') === 'true' ? [channel] : [];
		const answer = {
			kind: 'youtube#channelListResponse',
			etag: 'x',
			pageInfo: { totalResults: items.length, resultsPerPage: 5 },
			// Google leaves the list out where it is empty.
			...(items.length ? { items } : {}),
		};
		return { status: 200, text: JSON.stringify(answer) };
	}

	/**
	 * A table without rows, as of days without views (developers.google.com/youtube/analytics/reference/reports/query). Of a channel that is not the
	 * grant's it shows nothing.
	 */
	#report(asked, channelId) {
		if (asked.get('ids') !== `channel==${channelId}`) return this.#error('403-forbidden');
		const columns = (names, columnType, dataType) =>
			(asked.get(names) ?? '').split(',').map((name) => ({ name, columnType, dataType }));
		const answer = {
			kind: 'youtubeAnalytics#resultTable',
			columnHeaders: [
				...columns('dimensions', 'DIMENSION', 'STRING'),
				...columns('metrics', 'METRIC', 'INTEGER'),
			],
			rows: [],
		};
		return { status: 200, text: JSON.stringify(answer) };
	}
}
