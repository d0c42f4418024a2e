import type { DatabaseLoginList } from '../../../shared/contract';
import { limit, mostResults, returnAll, type Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { loginPath, tokenNotice, user } from './fields';

export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many database logins',
		description: "Get a user's PostgreSQL logins, without their passwords",
	},
	fields: [user, tokenNotice, returnAll, limit],
	async executeItem(context, item) {
		const { userId, path } = loginPath(context, item);
		const { logins } = await ask<DatabaseLoginList>(context, {
			method: 'GET',
			path: `${path}s`,
			itemIndex: item,
		});
		return logins.slice(0, mostResults(context, item)).map(({ login }) => ({ userId, login }));
	},
};
