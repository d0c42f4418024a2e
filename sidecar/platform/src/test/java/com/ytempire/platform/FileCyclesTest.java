package com.ytempire.platform;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The modules beside the service keep its rule: dependencies between files go one way. */
final class FileCyclesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(
              "com.ytempire.engines", "com.ytempire.simulator", "com.ytempire.platform");

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "com.ytempire.engines",
        "com.ytempire.simulator",
        "com.ytempire.platform",
        "com.ytempire.platform.week"
      })
  void files_of_a_package_do_not_depend_on_each_other_in_a_cycle(String name) {
    JavaClasses classes = CLASSES.that(resideInAPackage(name));
    assertTrue(classes.size() > 1, "no classes of " + name + " were found");
    SlicesRuleDefinition.slices().assignedFrom(FILES).should().beFreeOfCycles().check(classes);
  }
}
