package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;

/** The parts that a store of metrics needs. */
public record StoreAccess(
    Database database, TenantAccess tenantAccess, RejectionObserver rejections) {}
