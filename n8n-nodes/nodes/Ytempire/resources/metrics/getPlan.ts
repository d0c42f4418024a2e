import type { FetchPlan } from '../../../shared/contract';
import { limit, returnAll, type Operation } from '../../../shared/operation';
import { user } from './fields';

export const getPlan: Operation = {
	option: {
		name: 'Get Plan',
		value: 'getPlan',
		action: 'Get what a sync would fetch',
		description:
			'Get an item for each report of each connected channel: whether it is due, when it is due next, and by which rule. Costs nothing.',
	},
	empty:
		'The user has no connected channel. Get Connect Link of Channel brings a link to connect one.',
	fields: [user, returnAll, limit],
	request: {
		method: 'GET',
		path: '/v1/users/{userId}/plan',
		items: (answer) =>
			(answer as unknown as FetchPlan).channels.flatMap(({ channelId, uploadsBy, reports }) =>
				reports.map((report) => ({ channelId, uploadsBy, ...report })),
			),
		result: (report, { userId }) => ({ userId, ...report }),
	},
};
