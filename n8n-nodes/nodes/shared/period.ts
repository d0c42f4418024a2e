/** A stretch of YouTube's days, both ends included, YYYY-MM-DD. */
export interface Days {
	startDate: string;
	endDate: string;
}

/** Periods that people name, in the order of the editor's list. */
export const PERIODS = [
	{
		name: 'Yesterday',
		value: 'yesterday',
		description: 'Often still empty: Google is 2 to 3 days late',
	},
	{ name: 'Last 7 Days', value: 'last7', description: 'The 7 days before today' },
	{ name: 'Last 28 Days', value: 'last28', description: 'The 28 days before today' },
	{
		name: 'Month to Date',
		value: 'monthToDate',
		description: 'From the first of the month to yesterday; on the first, the whole month before',
	},
	{ name: 'Last Month', value: 'lastMonth', description: 'The whole calendar month before this' },
] as const;

export type Period = (typeof PERIODS)[number]['value'];

/** The day that YouTube counts at this moment: Pacific time (developers.google.com/youtube/analytics/data_model). */
export function youTubeDay(at: Date): string {
	return new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles' }).format(at);
}

/** So many days later, or earlier. */
export function plusDays(day: string, days: number): string {
	const moment = new Date(`${day}T00:00:00Z`);
	moment.setUTCDate(moment.getUTCDate() + days);
	return moment.toISOString().slice(0, 10);
}

const firstOfMonth = (day: string) => `${day.slice(0, 8)}01`;

/** The days of a named period, as seen at this moment. */
export function daysOf(period: Period, at: Date): Days {
	const yesterday = plusDays(youTubeDay(at), -1);
	switch (period) {
		case 'yesterday':
			return { startDate: yesterday, endDate: yesterday };
		case 'last7':
			return { startDate: plusDays(yesterday, -6), endDate: yesterday };
		case 'last28':
			return { startDate: plusDays(yesterday, -27), endDate: yesterday };
		case 'monthToDate':
			return { startDate: firstOfMonth(yesterday), endDate: yesterday };
		case 'lastMonth': {
			const endDate = plusDays(firstOfMonth(youTubeDay(at)), -1);
			return { startDate: firstOfMonth(endDate), endDate };
		}
	}
}
