@NullMarked
package com.ytempire.sidecar;

import org.jspecify.annotations.NullMarked;
