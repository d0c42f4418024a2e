package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.FetchResult.Fetched;
import java.util.List;

/**
 * The result of holding rows: references to those that are held, and what is missed because it
 * could not be held.
 */
record HoldResult(List<Fetched> held, List<Outcome.Missed> missed) {}
