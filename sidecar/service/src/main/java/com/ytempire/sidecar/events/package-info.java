/**
 * Events of users: recorded by workflows and by the sidecar itself, kept for 90 days, counted by
 * the hour. Not those of webhooks, which tell subscribers what happened.
 */
@NullMarked
package com.ytempire.sidecar.events;

import org.jspecify.annotations.NullMarked;
