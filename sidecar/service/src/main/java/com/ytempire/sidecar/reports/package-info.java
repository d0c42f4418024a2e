/**
 * Mails each user's daily, weekly and monthly report: who is due, what it says, and that it is sent
 * once.
 */
@NullMarked
package com.ytempire.sidecar.reports;

import org.jspecify.annotations.NullMarked;
