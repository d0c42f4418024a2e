import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { UserPage } from '../../../shared/contract';
import { limit, mostResults, returnAll, type Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { asUser } from './fields';

const USERS_A_PAGE = 500;

const activeOnly: INodeProperties = {
	displayName: 'Active Only',
	name: 'activeOnly',
	type: 'boolean',
	default: true,
	description: 'Whether to leave out users that are not active',
};

export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many users',
		description: 'Get many users, in order of email',
	},
	fields: [returnAll, limit, activeOnly],
	async executeItem(context, item) {
		const most = mostResults(context, item);
		const users: IDataObject[] = [];
		let after: string | undefined;
		do {
			const page = await ask<UserPage>(context, {
				method: 'GET',
				path: '/v1/users',
				query: {
					active: context.getNodeParameter('activeOnly', item) as boolean,
					limit: Math.min(USERS_A_PAGE, most - users.length),
					...(after ? { after } : {}),
				},
				itemIndex: item,
			});
			users.push(...page.users.map((each) => asUser({ ...each })));
			after = page.next ?? undefined;
		} while (after && users.length < most);
		return users;
	},
};
