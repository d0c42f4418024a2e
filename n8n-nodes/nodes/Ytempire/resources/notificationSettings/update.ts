import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { additionalFields, type Operation } from '../../../shared/operation';
import { ofUser, timeZone } from '../../../shared/settings';
import { SETTINGS, user } from './fields';

const enabled = (displayName: string, name: string, report: string): INodeProperties => ({
	displayName,
	name,
	type: 'boolean',
	default: true,
	description: `Whether to mail the ${report}`,
});

const time = (
	displayName: string,
	name: string,
	standard: string,
	day: string,
): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	default: standard,
	placeholder: `e.g. ${standard}`,
	description: `Local time of the user ${day}, as HH:MM`,
});

const settings: INodeProperties[] = [
	enabled('Daily Report', 'dailyEnabled', 'daily report'),
	time('Daily Time', 'dailyTime', '09:00', 'on each day'),
	enabled('Monthly Statement', 'monthlyEnabled', 'monthly statement'),
	time('Monthly Time', 'monthlyTime', '09:00', 'on the 1st'),
	{
		displayName: 'Number Language',
		name: 'numberLanguage',
		type: 'options',
		default: 'en-US',
		description: 'The language in which numbers and dates of the reports are written',
		options: [
			{ name: 'Dutch', value: 'nl-NL' },
			{ name: 'English (UK)', value: 'en-GB' },
			{ name: 'English (US)', value: 'en-US' },
			{ name: 'French', value: 'fr-FR' },
			{ name: 'German', value: 'de-DE' },
			{ name: 'Hindi', value: 'hi-IN' },
			{ name: 'Italian', value: 'it-IT' },
			{ name: 'Japanese', value: 'ja-JP' },
			{ name: 'Polish', value: 'pl-PL' },
			{ name: 'Portuguese (Brazil)', value: 'pt-BR' },
			{ name: 'Spanish', value: 'es-ES' },
		],
	},
	{
		displayName: 'Recipients',
		name: 'recipients',
		type: 'string',
		default: '',
		placeholder: 'e.g. ada@example.com, office@example.com',
		description:
			'All addresses that receive the reports, with commas between; others are removed. A new address is mailed a link, and gets reports once that was used.',
	},
	timeZone('For the times of mailed reports, by its IANA name'),
	enabled('Weekly Report', 'weeklyEnabled', 'weekly report'),
	time('Weekly Time', 'weeklyTime', '08:00', 'on Mondays'),
];

/** Settings of a kind of report, as far as they are set. */
function mailing(fields: IDataObject, kind: string): IDataObject {
	const set = [
		['enabled', fields[`${kind}Enabled`]],
		['time', fields[`${kind}Time`]],
	].filter(([, value]) => value !== undefined);
	return set.length > 0 ? { [kind]: Object.fromEntries(set) } : {};
}

/** The settings of the item, as the contract takes them. */
function settingsOf(context: IExecuteFunctions, item: number): IDataObject {
	const fields = context.getNodeParameter('fields', item, {}) as IDataObject;
	const { timeZone: zone, numberLanguage, recipients } = fields;
	return {
		...(zone === undefined ? {} : { timeZone: zone }),
		...(numberLanguage === undefined ? {} : { numberLanguage }),
		...mailing(fields, 'daily'),
		...mailing(fields, 'weekly'),
		...mailing(fields, 'monthly'),
		...(typeof recipients === 'string'
			? {
					recipients: recipients
						.split(/[,;]/)
						.map((each) => each.trim())
						.filter((each) => each !== ''),
				}
			: {}),
	};
}

export const update: Operation = {
	option: {
		name: 'Update',
		value: 'update',
		action: 'Update the notification settings of a user',
		description: 'Change which reports are mailed to a user, when, and to which addresses',
	},
	fields: [user, additionalFields(settings)],
	request: { method: 'PATCH', path: SETTINGS, fields: settingsOf, result: ofUser },
};
