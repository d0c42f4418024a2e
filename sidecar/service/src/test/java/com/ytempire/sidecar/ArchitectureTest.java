package com.ytempire.sidecar;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.ytempire.sidecar.db.Database;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

/**
 * Which packages may import which: none imports one above it, and every external system has one
 * adapter.
 */
final class ArchitectureTest {
  private static final String ROOT = "com.ytempire.sidecar";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  private static void onlyIn(String library, String... packages) {
    noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(library + "..")
        .check(CLASSES);
  }

  @Test
  void no_package_imports_one_above_it() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("app")
        .definedBy(ROOT)
        .layer("privacy")
        .definedBy(ROOT + ".privacy..")
        .layer("webhooks")
        .definedBy(ROOT + ".webhooks..")
        .layer("analytics")
        .definedBy(ROOT + ".analytics..")
        .layer("costs")
        .definedBy(ROOT + ".costs..")
        .layer("insight")
        .definedBy(ROOT + ".insight..")
        .layer("dashboards")
        .definedBy(ROOT + ".dashboards..")
        .layer("quality")
        .definedBy(ROOT + ".quality..")
        .layer("events")
        .definedBy(ROOT + ".events..")
        .layer("billing")
        .definedBy(ROOT + ".billing..")
        .layer("reports")
        .definedBy(ROOT + ".reports..")
        .layer("metrics")
        .definedBy(ROOT + ".metrics..")
        .layer("oauth")
        .definedBy(ROOT + ".oauth..")
        .layer("youtube")
        .definedBy(ROOT + ".youtube..")
        .layer("fairness")
        .definedBy(ROOT + ".fairness..")
        .layer("quota")
        .definedBy(ROOT + ".quota..")
        .layer("cache")
        .definedBy(ROOT + ".cache..")
        .layer("tenancy")
        .definedBy(ROOT + ".tenancy..")
        .layer("telemetry")
        .definedBy(ROOT + ".telemetry..")
        .layer("web")
        .definedBy(ROOT + ".web..")
        .layer("db")
        .definedBy(ROOT + ".db..")
        .layer("config")
        .definedBy(ROOT + ".config..")
        .whereLayer("app")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("metrics")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("analytics")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("costs")
        .mayOnlyBeAccessedByLayers("insight", "app")
        .whereLayer("insight")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("quality")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("dashboards")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("events")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("billing")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("reports")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("webhooks")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("privacy")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("oauth")
        .mayOnlyBeAccessedByLayers("metrics", "privacy", "app")
        .whereLayer("youtube")
        .mayOnlyBeAccessedByLayers("oauth", "metrics", "quality", "privacy", "app")
        .whereLayer("fairness")
        .mayOnlyBeAccessedByLayers(
            "db", "quota", "web", "youtube", "oauth", "metrics", "events", "privacy", "reports",
            "quality", "app")
        .whereLayer("quota")
        .mayOnlyBeAccessedByLayers("youtube", "metrics", "privacy", "webhooks", "app")
        .whereLayer("cache")
        .mayOnlyBeAccessedByLayers("oauth", "metrics", "privacy", "app")
        .whereLayer("tenancy")
        .mayOnlyBeAccessedByLayers(
            "oauth",
            "metrics",
            "analytics",
            "costs",
            "insight",
            "quality",
            "dashboards",
            "reports",
            "events",
            "billing",
            "privacy",
            "webhooks",
            "app")
        .whereLayer("telemetry")
        .mayOnlyBeAccessedByLayers("quota", "app")
        .whereLayer("web")
        .mayOnlyBeAccessedByLayers(
            "telemetry",
            "tenancy",
            "quota",
            "oauth",
            "metrics",
            "quality",
            "analytics",
            "costs",
            "insight",
            "dashboards",
            "reports",
            "events",
            "billing",
            "privacy",
            "webhooks",
            "app")
        .whereLayer("db")
        .mayOnlyBeAccessedByLayers(
            "quota",
            "tenancy",
            "oauth",
            "metrics",
            "quality",
            "analytics",
            "costs",
            "insight",
            "dashboards",
            "reports",
            "events",
            "billing",
            "privacy",
            "webhooks",
            "app")
        .whereLayer("config")
        .mayOnlyBeAccessedByLayers(
            "web",
            "db",
            "quota",
            "youtube",
            "oauth",
            "metrics",
            "billing",
            "dashboards",
            "reports",
            "webhooks",
            "privacy",
            "app")
        .check(CLASSES);
  }

  @Test
  void every_external_system_has_one_adapter() {
    onlyIn("com.google.api", ROOT + ".youtube", ROOT);
    onlyIn("org.apache.commons.csv", ROOT + ".youtube", ROOT + ".analytics");
    onlyIn("javax.xml", ROOT + ".youtube");
    onlyIn("com.google.crypto", ROOT + ".oauth");
    onlyIn("com.samskivert", ROOT + ".oauth", ROOT + ".reports");
    onlyIn("jakarta.mail", ROOT + ".reports");
    onlyIn("org.eclipse.angus", ROOT + ".reports");
    onlyIn("org.knowm.xchart", ROOT + ".reports");
    onlyIn("io.github.bucket4j", ROOT + ".quota");
    onlyIn("io.lettuce", ROOT + ".quota", ROOT + ".cache", ROOT);
    onlyIn("io.javalin", ROOT + ".web");
    onlyIn("org.flywaydb", ROOT + ".db");
    onlyIn("com.zaxxer", ROOT + ".db");
    onlyIn("io.micrometer", ROOT + ".telemetry", ROOT + ".db", ROOT);
    onlyIn("dev.failsafe", ROOT + ".db", ROOT + ".oauth");
    onlyIn("com.networknt", ROOT + ".web");
    // Each has one adapter: of subscribers, of n8n's API, of Grafana's, and of Stripe's.
    onlyIn(
        "okhttp3", ROOT + ".webhooks", ROOT + ".privacy", ROOT + ".dashboards", ROOT + ".billing");
    // The operators' commands alone: its timeout does not cover a body.
    onlyIn("java.net.http", ROOT);
  }

  @Test
  void only_the_commands_use_the_command_line_parser() {
    noClasses()
        .that()
        .haveNameNotMatching(
            ROOT.replace(".", "\\.")
                + "\\.(CommandLineSetup|Commands|GrafanaCommand|TokenCommand)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..")
        .check(CLASSES);
  }

  @Test
  void few_classes_use_the_second_database_login() {
    noClasses()
        .that()
        .haveSimpleNameNotEndingWith("ApiTokens")
        .and()
        .doNotHaveSimpleName("PrivacyRoutes")
        .and()
        .doNotHaveSimpleName("Core")
        // List users, and write what was done to no user.
        .and()
        .doNotHaveSimpleName("Users")
        .and()
        .doNotHaveSimpleName("UserRoutes")
        .and()
        .doNotHaveSimpleName("Subscriptions")
        .and()
        .doNotHaveSimpleName("TenantAlarm")
        // End a subscription that is gone, encrypt its secret anew, and forget a revocation that
        // Google took.
        .and()
        .doNotHaveSimpleName("Deliveries")
        .and()
        .doNotHaveSimpleName("GrantRevocations")
        .should()
        .callMethod(Database.class, "operator")
        .check(CLASSES);
  }

  @Test
  void only_daos_mappers_and_the_database_package_use_sql() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".db")
        .and()
        .haveSimpleNameNotEndingWith("Dao")
        .and()
        // Reads a row of a DAO's answer.
        .haveSimpleNameNotEndingWith("Mapper")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.sql..", "org.jdbi.v3.sqlobject.statement..", "org.jdbi.v3.core.statement..")
        .check(CLASSES);
  }

  @Test
  void every_moment_of_the_database_is_an_instant() {
    noClasses()
        .that()
        .haveNameNotMatching(ROOT.replace(".", "\\.") + "\\.db\\.Instant(Column|Plugin)(\\$.*)?")
        .and()
        // Parse the text of a time.
        .doNotHaveSimpleName("AtomFeed")
        .and()
        .doNotHaveSimpleName("EventText")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(OffsetDateTime.class, Timestamp.class)
        .check(CLASSES);
  }

  @Test
  void no_package_reads_the_time_but_from_a_clock() {
    noClasses()
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(LocalDate.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(CLASSES);
  }

  @Test
  void only_the_main_class_reads_the_machines_clock() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Main.class.getName())
        .should()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(Clock.class, "systemDefaultZone")
        .orShould()
        .callMethod(Clock.class, "system", ZoneId.class)
        .check(CLASSES);
  }
}
