package com.ytempire.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a class of end-to-end tests, whose methods and constructor take the {@link SyncedPlatform}
 * that all classes of this JVM share.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
    named = "ytempire.pack",
    matches = ".+",
    disabledReason =
        "end-to-end tests need an n8n and the node pack, which ./ytempire test prepares")
@ExtendWith(SyncedPlatform.Resolver.class)
@interface EndToEnd {
  /** The tag of tests whose claim does not depend on the hour: they run once, not at 20:30 too. */
  String ANY_HOUR = "any-hour";
}
