/**
 * What users may ask for and Google's policies demand: export, erasure, and the regular policy
 * jobs.
 */
@NullMarked
package com.ytempire.sidecar.privacy;

import org.jspecify.annotations.NullMarked;
