/**
 * The only package that opens PostgreSQL: migrations, the pool, and who the tenant of a transaction
 * is.
 */
@NullMarked
package com.ytempire.sidecar.db;

import org.jspecify.annotations.NullMarked;
