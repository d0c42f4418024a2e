import type { IDataObject } from 'n8n-workflow';
import type { NoticePage } from '../../../shared/contract';
import { limit, mostResults, returnAll, type Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { user, userPath } from './fields';

export const getNotices: Operation = {
	option: {
		name: 'Get Notices',
		value: 'getNotices',
		action: 'Get notices of a user',
		description: 'Get what the user should know, such as a channel that must be connected again',
	},
	fields: [user, returnAll, limit],
	async executeItem(context, item) {
		const path = `${userPath(context, item)}/notices`;
		const most = mostResults(context, item);
		const notices: IDataObject[] = [];
		let after: number | null = null;
		do {
			const page: NoticePage = await ask<NoticePage>(context, {
				method: 'GET',
				path,
				query: after === null ? {} : { after },
				itemIndex: item,
			});
			notices.push(...page.notices.map((notice) => ({ ...notice })));
			after = page.next;
		} while (after !== null && notices.length < most);
		return notices.slice(0, most);
	},
};
