/** May this call go, what does it cost, when again: the only package that uses Bucket4j. */
@NullMarked
package com.ytempire.sidecar.quota;

import org.jspecify.annotations.NullMarked;
