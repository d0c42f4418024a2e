/**
 * Sentences about seven days of a user: facts for a language model, its answer checked, rules else.
 */
@NullMarked
package com.ytempire.sidecar.insight;

import org.jspecify.annotations.NullMarked;
