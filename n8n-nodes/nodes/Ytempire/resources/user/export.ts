import { WithFile, type Operation } from '../../../shared/operation';
import { findUser } from '../../../shared/request';
import { ask } from '../../../shared/sidecar';
import { user } from './fields';

/** A user with years of rows is written to a file before the first byte comes. */
const TIMEOUT_SECONDS = 600;

export const exportUser: Operation = {
	option: {
		name: 'Export',
		value: 'export',
		action: 'Export a user',
		description: 'Get everything that is stored of a user, as a ZIP of CSV files',
	},
	fields: [user],
	async executeItem(context, item) {
		const userId = await findUser(context, item);
		const bytes = await ask<Parameters<typeof context.helpers.prepareBinaryData>[0]>(context, {
			method: 'GET',
			path: `/v1/users/${userId}/export`,
			isFile: true,
			waitSeconds: TIMEOUT_SECONDS,
			itemIndex: item,
		});
		const name = `ytempire-${userId}.zip`;
		const data = await context.helpers.prepareBinaryData(bytes, name, 'application/zip');
		return [new WithFile({ userId }, { data })];
	},
};
