package com.ytempire.sidecar.oauth;

import java.util.UUID;

/** A user's channel. */
public record ChannelKey(UUID userId, String channelId) {}
