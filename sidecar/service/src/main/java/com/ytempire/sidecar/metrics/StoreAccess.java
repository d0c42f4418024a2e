package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;

/** What it takes to store rows of metrics. */
public record StoreAccess(
    Database database, TenantAccess tenantAccess, RejectionObserver rejections) {}
