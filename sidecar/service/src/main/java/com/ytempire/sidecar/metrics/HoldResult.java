package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.FetchResult.FetchedBatch;
import java.util.List;

/**
 * The result of holding rows: references to those that are held, and what is missed because it
 * could not be held.
 */
record HoldResult(List<FetchedBatch> held, List<Outcome.Missed> missed) {}
