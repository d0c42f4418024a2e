/** Users, their channels, API tokens, and who may act for whom. */
@NullMarked
package com.ytempire.sidecar.tenancy;

import org.jspecify.annotations.NullMarked;
