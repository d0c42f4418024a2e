package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;

/** What a store of metrics is made of, in one parameter. */
public record StoreAccess(
    Database database, TenantAccess tenantAccess, RejectionObserver rejections) {}
