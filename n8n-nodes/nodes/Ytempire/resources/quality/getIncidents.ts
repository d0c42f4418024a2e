import type { IDataObject } from 'n8n-workflow';
import type { IncidentList } from '../../../shared/contract';
import { maxResults } from '../../../shared/maxResults';
import { limit, returnAll, type Operation } from '../../../shared/operation';
import { findUser } from '../../../shared/request';
import { ask } from '../../../shared/sidecar';
import { closedDays, singleUser, state, whose } from './fields';

/** The most incidents that the sidecar lists. */
const MAX_INCIDENTS = 500;

export const getIncidents: Operation = {
	option: {
		name: 'Get Incidents',
		value: 'getIncidents',
		action: 'Get data quality incidents',
		description:
			'Get times in which a check of the stored data was not well, such as an outage or revenue that differs, of all users or one; the newest first',
	},
	fields: [whose, singleUser, state, closedDays, returnAll, limit],
	async executeItem(context, item) {
		const wanted = context.getNodeParameter('state', item, 'open') as string;
		const isOne = context.getNodeParameter('whose', item, 'all') === 'single';
		const path = isOne
			? `/v1/users/${await findUser(context, item)}/quality/incidents`
			: '/v1/quality/incidents';
		const { incidents } = await ask<IncidentList>(context, {
			method: 'GET',
			path,
			query: {
				...(wanted === 'any' ? {} : { state: wanted }),
				...(wanted === 'open' ? {} : { days: context.getNodeParameter('days', item, 7) }),
				limit: Math.min(MAX_INCIDENTS, maxResults(context, item)),
			},
			itemIndex: item,
		});
		return incidents as unknown as IDataObject[];
	},
};
