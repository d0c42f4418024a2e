import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { FetchResult } from '../shared/contract';
import { commonest, firstOf, tally } from '../shared/counts';
import { addHint } from '../shared/hints';
import { nameOf, type FetchItem } from './requests';

/** What a fetch brought, for the hints above its output. */
export interface Summary {
	/** Items of the input. */
	items: number;
	/** Requests that were sent. */
	asked: number;
	/** Requests that were answered without a row. */
	empty: FetchItem[];
	/** Requests that were not fetched. */
	notFetched: IDataObject[];
	/** Users that are unknown or could not be asked about. */
	missedUsers: IDataObject[];
	/** Errors of items, for n8n's Continue. */
	failed: IDataObject[];
	notDue: FetchResult['notDue'];
	/** Videos of which Google returned nothing. */
	unknownVideos: string[];
	/** Videos whose titles could not be read for Include Names. */
	namesMissing: number;
	withoutChannels: string[];
	rows: number;
}

const reasons = (missed: IDataObject[]) => tally(missed.map(({ reason }) => String(reason)));

/** The commonest text of a field, as a sentence. */
const mostFrequent = (missed: IDataObject[], field: string) =>
	commonest(missed.map((each) => String(each[field]))).replace(/\.?$/, '.');

/** Says above the output what is missing in it, and why. */
export function addHints(context: IExecuteFunctions, summary: Summary): void {
	const { items, asked, rows, empty, notFetched, notDue } = summary;
	const { missedUsers, failed, unknownVideos, withoutChannels } = summary;
	const hint = (message: string, type?: 'info' | 'warning') => addHint(context, message, type);
	if (notFetched.length) {
		hint(
			`${notFetched.length} of ${asked} requests were not fetched (${reasons(notFetched)}). Most often: ${mostFrequent(notFetched, 'message')} They leave on the output Not Fetched, each with when to try again.`,
		);
	}
	if (missedUsers.length) {
		hint(
			`Users of whom nothing was fetched (${reasons(missedUsers)}). Most often: ${mostFrequent(missedUsers, 'message')} They leave on the output Not Fetched.`,
		);
	}
	if (failed.length) {
		hint(
			`${failed.length} of ${items} items failed. Most often: ${mostFrequent(failed, 'error')} Each has the field error.`,
		);
	}
	if (withoutChannels.length) {
		hint(
			`Users without an active channel, of whom nothing was fetched (${withoutChannels.length}): ${firstOf(withoutChannels)}. Add a channel to them, or activate one.`,
		);
	}
	if (unknownVideos.length) {
		hint(
			`Videos for which Google returned nothing (${unknownVideos.length}): ${firstOf(unknownVideos)}. They do not exist, were deleted, or are private.`,
		);
	}
	if (summary.namesMissing) {
		hint(
			`The titles of ${summary.namesMissing} videos could not be read, so that videoTitle is null in their rows. The videos were deleted, or the quota of the Data API is exhausted.`,
			'info',
		);
	}
	if (empty.length) {
		const { startDate, endDate } = empty[0]!;
		const reports = tally(empty.map(({ report }) => nameOf(report)));
		const when = startDate ? ` from ${startDate} to ${endDate}` : '';
		hint(
			`${empty.length} of ${asked} requests returned no rows${when} (${reports}): Google has no numbers there. It has none of days before a channel or video existed, without views, or that are not complete yet.`,
			rows ? 'info' : 'warning',
		);
	}
	if (!rows && notDue.length) hint(nothingDue(notDue, asked), 'info');
}

/** Why nothing was fetched: each reason with its number of requests, and what helps. */
function nothingDue(notDue: Summary['notDue'], asked: number): string {
	const count = (wanted: Summary['notDue'][number]['reason']) =>
		notDue.filter(({ reason }) => reason === wanted).length;
	const unchanged = count('not-due');
	const running = count('in-progress');
	const postponed = count('postponed');
	const parts = [
		unchanged &&
			`${unchanged} cannot have changed since ${unchanged === 1 ? 'it was' : 'they were'} stored`,
		running && `${running} ${running === 1 ? 'is' : 'are'} being fetched by another execution`,
		postponed &&
			`${postponed} ${postponed === 1 ? 'waits' : 'wait'} for a later execution, because more retention curves are due than are fetched in a minute`,
	].filter((part) => typeof part === 'string');
	const next = notDue
		.map(({ nextDueAt }) => nextDueAt)
		.filter((at) => at !== null)
		.sort()[0];
	return [
		`No new rows. Of ${asked} ${asked === 1 ? 'request' : 'requests'}, ${new Intl.ListFormat('en').format(parts)}.`,
		...(next ? [`The next is due at ${next}.`] : []),
		...(unchanged ? ['Choose Latest Complete Data or another Period to fetch anyway.'] : []),
	].join(' ');
}
