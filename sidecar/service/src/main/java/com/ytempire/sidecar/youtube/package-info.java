/** The only package that talks to Google: our words in, our records and our failures out. */
@NullMarked
package com.ytempire.sidecar.youtube;

import org.jspecify.annotations.NullMarked;
