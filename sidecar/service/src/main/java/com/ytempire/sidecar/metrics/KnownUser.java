package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.tenancy.Tier;
import java.util.Map;

/** A user as the plan sees it, with its channels by id. */
record KnownUser(Tier tier, boolean isActive, Map<String, KnownChannel> channels) {}
