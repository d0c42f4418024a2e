import type { Operation } from '../../../shared/operation';

export const getSuccess: Operation = {
	option: {
		name: 'Get Success Metrics',
		value: 'getSuccess',
		action: 'Get success metrics of users and the platform',
		description:
			'Get counts and shares of users: onboarded, at $5,000 by day 45, at $10,000 by day 90, and uptime, freshness, completeness and discrepancy. Never the figures of a user.',
	},
	request: { method: 'GET', path: '/v1/success' },
};
