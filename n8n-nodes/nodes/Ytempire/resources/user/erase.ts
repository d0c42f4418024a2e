import type { INodeProperties } from 'n8n-workflow';
import type { Erasure } from '../../../shared/contract';
import type { Operation } from '../../../shared/operation';
import { findUser } from '../../../shared/request';
import { ask, required } from '../../../shared/sidecar';
import { user } from './fields';

const notice: INodeProperties = {
	displayName:
		'This cannot be undone: rows, history, logins, tokens and grants of the user go for good. <b>Export</b> the user first.',
	name: 'eraseNotice',
	type: 'notice',
	default: '',
};

const confirm: INodeProperties = {
	displayName: 'Email, to Confirm',
	name: 'confirm',
	type: 'string',
	placeholder: 'e.g. name@email.com',
	default: '',
	required: true,
	description: 'Type the email of the user who is to be erased, so that nobody is erased by a slip',
};

export const erase: Operation = {
	option: {
		name: 'Erase',
		value: 'erase',
		action: 'Erase a user',
		description:
			'Erase everything of a user, in every table, at Google and in the executions of n8n, for good. Asks for the email as confirmation.',
	},
	fields: [user, notice, confirm],
	async executeItem(context, item) {
		const path = `/v1/users/${await findUser(context, item)}`;
		const typed = required(context, 'confirm', 'Email, to Confirm', item);
		const { n8nExecutions } = await ask<Erasure>(context, {
			method: 'DELETE',
			path,
			query: { confirm: typed },
			itemIndex: item,
		});
		return [{ erased: true, email: typed, n8nExecutions }];
	},
};
