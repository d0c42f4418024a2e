/** Connecting a channel: Google's consent, the grant it leaves, encrypted, and its end. */
@NullMarked
package com.ytempire.sidecar.oauth;

import org.jspecify.annotations.NullMarked;
