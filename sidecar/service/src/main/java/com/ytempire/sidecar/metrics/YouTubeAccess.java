package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.oauth.AuthorizedYouTube;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.youtube.Feeds;

/**
 * The ways by which metrics come from YouTube.
 *
 * @param calls to its APIs, by the grants of channels
 * @param feeds of new videos, which cost no units
 * @param cache of its answers
 * @param quota that calls are charged to
 */
public record YouTubeAccess(AuthorizedYouTube calls, Feeds feeds, Cache cache, Quota quota) {}
