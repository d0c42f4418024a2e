import type { IDataObject } from 'n8n-workflow';
import type { Incident, IncidentList } from '../../../shared/contract';
import { maxResults } from '../../../shared/maxResults';
import { limit, returnAll, type Operation } from '../../../shared/operation';
import { findUser } from '../../../shared/request';
import { ask } from '../../../shared/sidecar';
import { closedDays, singleUser, state, whose } from './fields';

/** The most incidents of a page. */
const PAGE_SIZE = 500;

export const getIncidents: Operation = {
	option: {
		name: 'Get Incidents',
		value: 'getIncidents',
		action: 'Get data quality incidents',
		description:
			'Get times in which a check of the stored data was not well, such as an outage or revenue that differs, of all users or one; the newest first',
	},
	empty: 'No check has found a fault in this time.',
	fields: [whose, singleUser, state, closedDays, returnAll, limit],
	async executeItem(context, item) {
		const wanted = context.getNodeParameter('state', item, 'open') as string;
		const isOne = context.getNodeParameter('whose', item, 'all') === 'single';
		const path = isOne
			? `/v1/users/${await findUser(context, item)}/quality/incidents`
			: '/v1/quality/incidents';
		const limit = maxResults(context, item);
		const found: Incident[] = [];
		let after: string | null = null;
		do {
			const page: IncidentList = await ask<IncidentList>(context, {
				method: 'GET',
				path,
				query: {
					...(wanted === 'any' ? {} : { state: wanted }),
					...(wanted === 'open' ? {} : { days: context.getNodeParameter('days', item, 7) }),
					limit: Math.min(PAGE_SIZE, limit - found.length),
					...(after === null ? {} : { after }),
				},
				itemIndex: item,
			});
			found.push(...page.incidents);
			after = page.next;
		} while (after !== null && found.length < limit);
		return found as unknown as IDataObject[];
	},
};
