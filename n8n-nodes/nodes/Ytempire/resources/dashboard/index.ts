import type { Resource } from '../../../shared/operation';
import { getLink } from './getLink';
import { getSettings } from './getSettings';
import { provision } from './provision';
import { resetPassword } from './resetPassword';
import { updateSettings } from './updateSettings';

export const dashboard: Resource = {
	option: { name: 'Dashboard', value: 'dashboard' },
	operations: [getLink, getSettings, provision, resetPassword, updateSettings],
	defaultOperation: 'getLink',
};
