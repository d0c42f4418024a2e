/**
 * The sidecar behind the n8n nodes. {@link com.ytempire.sidecar.Main} reads the configuration and
 * runs {@link com.ytempire.sidecar.App}, the one place where the packages are wired together.
 */
@NullMarked
package com.ytempire.sidecar;

import org.jspecify.annotations.NullMarked;
