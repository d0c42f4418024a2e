package com.ytempire.bench;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Dependencies between the files of a package go one way. It is here for all modules, because this
 * one sees them all.
 */
final class FileCyclesTest {
  private static final String ROOT = "com.ytempire.";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("com.ytempire");

  /** Assigns every class to the file that it stands in. */
  private static final SliceAssignment FILES =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
          return SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""));
        }

        @Override
        public String getDescription() {
          return "files";
        }
      };

  static Stream<String> packages() {
    return CLASSES.stream().map(JavaClass::getPackageName).distinct().sorted();
  }

  @Test
  void the_packages_of_every_module_are_looked_at() {
    Set<String> modules =
        packages()
            .map(name -> name.substring(ROOT.length()).replaceFirst("\\..*", ""))
            .collect(Collectors.toSet());
    assertEquals(Set.of("engines", "simulator", "platform", "sidecar", "demo", "bench"), modules);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void files_of_a_package_do_not_depend_on_each_other_in_a_cycle(String name) {
    SlicesRuleDefinition.slices()
        .assignedFrom(FILES)
        .should()
        .beFreeOfCycles()
        .check(CLASSES.that(resideInAPackage(name)));
  }
}
