/**
 * Gives each user an organization in Grafana with the three dashboards, and keeps it as it should
 * be.
 */
@NullMarked
package com.ytempire.sidecar.dashboards;

import org.jspecify.annotations.NullMarked;
