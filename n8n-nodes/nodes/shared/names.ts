/** Fields that Include Names of Fetch Metrics adds to a row; no kind of row has them by itself. */
export const NAME_FIELDS = ['channelName', 'channelUrl', 'videoTitle', 'videoUrl'];

/** Fields that Fetch Metrics adds to rows, and Store Metrics takes off again. */
export const ADDED_FIELDS = [...NAME_FIELDS, 'dataThrough'];
