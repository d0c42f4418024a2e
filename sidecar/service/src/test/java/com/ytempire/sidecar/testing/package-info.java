/** What the sidecar's tests run on: real engines, the whole sidecar with a client, and helpers. */
@NullMarked
package com.ytempire.sidecar.testing;

import org.jspecify.annotations.NullMarked;
