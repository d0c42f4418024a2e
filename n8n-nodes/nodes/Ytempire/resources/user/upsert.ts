import type { IDataObject } from 'n8n-workflow';
import { additionalFields, type Operation } from '../../../shared/operation';
import { userByEmail } from '../../../shared/request';
import { ask, nodeError, problemIn, required } from '../../../shared/sidecar';
import { asUser, displayName, email, settings, settingsOf } from './fields';

export const upsert: Operation = {
	option: {
		name: 'Create or Update',
		value: 'upsert',
		action: 'Create or update a user',
		description: 'Create a new record, or update the current one if it already exists (upsert)',
	},
	fields: [email, { ...displayName, required: true }, additionalFields(settings)],
	async executeItem(context, item) {
		const address = required(context, 'email', 'Email', item);
		const name = required(context, 'displayName', 'Name', item);
		const body = { ...settingsOf(context, item), displayName: name };
		const update = async (userId: unknown) =>
			await ask<IDataObject>(context, {
				method: 'PATCH',
				path: `/v1/users/${String(userId)}`,
				body,
				itemIndex: item,
			});
		const known = await userByEmail(context, address, item);
		if (known) return [{ ...asUser(await update(known.userId)), created: false }];
		try {
			const created = await ask<IDataObject>(context, {
				method: 'POST',
				path: '/v1/users',
				body: { ...body, email: address },
				itemIndex: item,
			});
			return [{ ...asUser(created), created: true }];
		} catch (error) {
			// Somebody else was faster.
			const other =
				problemIn(error)?.type === '/problems/email-taken'
					? await userByEmail(context, address, item)
					: undefined;
			if (!other) throw nodeError(context, error);
			return [{ ...asUser(await update(other.userId)), created: false }];
		}
	},
};
