/** Sentences about a user's week: facts for a language model, its answer checked, rules else. */
@NullMarked
package com.ytempire.sidecar.insight;

import org.jspecify.annotations.NullMarked;
