import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { channelsOf } from '../shared/channels';
import type { FetchRequest, FetchResult } from '../shared/contract';
import { ask, chunks } from '../shared/sidecar';

/** The largest number of videos of one request (schemas/fetch-request.json). */
const VIDEOS_AT_ONCE = 50;

/** A title is rarely changed: one that was read in the last day will do. */
const MAX_AGE_MINUTES = 1440;

/**
 * Adds the names and addresses of channels and videos to rows, where the option asks for it.
 *
 * @returns the number of videos whose title could not be read
 */
export async function addNames(
	context: IExecuteFunctions,
	rows: INodeExecutionData[],
): Promise<number> {
	const { includeNames } = context.getNodeParameter('options', 0, {}) as { includeNames?: boolean };
	if (!includeNames) return 0;
	const named = rows.filter(({ json }) => !('batchId' in json));
	const plain = named.map(({ json }) => json);
	const channels = await channelNames(context, plain);
	const titles = await videoTitles(context, plain);
	const missing = new Set<string>();
	for (const each of named) {
		const { channelId, videoId } = each.json as Record<string, string | undefined>;
		each.json = {
			...each.json,
			channelName: channels.get(keyOf(each.json)) ?? null,
			channelUrl: `https://www.youtube.com/channel/${channelId}`,
		};
		if (!videoId) continue;
		each.json.videoTitle = titles.get(videoId) ?? null;
		each.json.videoUrl = `https://www.youtube.com/watch?v=${videoId}`;
		if (!titles.has(videoId)) missing.add(videoId);
	}
	return missing.size;
}

const keyOf = ({ userId, channelId }: IDataObject) => `${userId} ${channelId}`;

async function channelNames(
	context: IExecuteFunctions,
	rows: IDataObject[],
): Promise<Map<string, string>> {
	const users = [...new Set(rows.map(({ userId }) => String(userId)))];
	// A name that cannot be read fails no row.
	const found = await channelsOf(context, users, false, () => {});
	return new Map(found.map((channel) => [keyOf({ ...channel }), channel.channelName]));
}

/** Titles by video: those that the rows have, and those of the other videos as YouTube has them. */
async function videoTitles(
	context: IExecuteFunctions,
	rows: IDataObject[],
): Promise<Map<string, string>> {
	const titles = new Map<string, string>();
	const wanted = new Map<string, { userId: string; channelId: string; videoIds: Set<string> }>();
	for (const { videoId, title } of rows) {
		if (videoId && title) titles.set(String(videoId), String(title));
	}
	for (const row of rows) {
		const { userId, channelId, videoId } = row as Record<string, string | undefined>;
		if (!userId || !channelId || !videoId || titles.has(videoId)) continue;
		const key = keyOf(row);
		if (!wanted.has(key)) wanted.set(key, { userId, channelId, videoIds: new Set() });
		wanted.get(key)!.videoIds.add(videoId);
	}
	const requests = [...wanted.values()].flatMap(({ userId, channelId, videoIds }) =>
		chunks([...videoIds], VIDEOS_AT_ONCE).map((some) => ({
			userId,
			channelId,
			report: 'video-details' as const,
			videoIds: some,
		})),
	);
	// A page of requests at a time, so that descriptions of many videos do not come at once.
	for (const some of chunks(requests, 100)) {
		const body: FetchRequest = { maxAgeMinutes: MAX_AGE_MINUTES, requests: some };
		try {
			const { results } = await ask<FetchResult>(context, {
				method: 'POST',
				path: '/v1/metrics/fetch',
				body,
				waitSeconds: 60,
			});
			for (const { rows: found = [] } of results) {
				for (const video of found as unknown as IDataObject[]) {
					titles.set(String(video.videoId), String(video.title));
				}
			}
		} catch (error) {
			context.logger.warn(`YTEMPIRE Fetch Metrics: titles were not read: ${String(error)}`);
		}
	}
	return titles;
}
