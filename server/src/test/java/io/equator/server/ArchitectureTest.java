package io.equator.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * Holds the code to the module law: who may import whom, and where each third-party library may
 * show.
 *
 * <p>It lives in {@code server} because only {@code server} sees every module. Maven already keeps
 * whole modules apart; these rules also see what arrives through another module's dependencies, and
 * what differs between the packages of one module. A rule about packages that do not exist yet
 * holds until they do.
 */
class ArchitectureTest {

  private static final JavaClasses OURS =
      new ClassFileImporter()
          // Wherever the build puts them.
          .withImportOption(location -> !location.contains("/test-classes/"))
          .importPackages("io.equator");

  private static final String[] ENGINES_AND_EDGES = {
    "io.grpc..",
    "org.apache.ratis..",
    "org.rocksdb..",
    "io.netty..",
    "io.micrometer..",
    "com.fasterxml.jackson.."
  };

  @Test
  void everyModuleIsSeen() {
    for (String module :
        List.of("proto", "model", "partitioner", "replication", "node", "coordinator", "server")) {
      assertThat(OURS.containPackage("io.equator." + module)).as(module).isTrue();
    }
  }

  @Test
  void modelIsPure() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.equator.model..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ENGINES_AND_EDGES));
    dependsOnOursOnly("model", "proto");
  }

  @Test
  void partitionerKnowsTheJdkOnly() {
    check(
        classes()
            .that()
            .resideInAPackage("io.equator.partitioner..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "io.equator.partitioner..", "java..", "org.jspecify.annotations.."));
  }

  @Test
  void protoKnowsNothingOfOurs() {
    dependsOnOursOnly("proto");
  }

  @Test
  void replicationKnowsNeitherNodeNorCoordinator() {
    dependsOnOursOnly("replication", "proto", "model", "partitioner");
  }

  @Test
  void nodeAndCoordinatorMeetOnTheWireOnly() {
    dependsOnOursOnly("node", "proto", "model", "partitioner", "replication");
    dependsOnOursOnly("coordinator", "proto", "model", "partitioner", "replication");
  }

  @Test
  void eachLibraryShowsWhereItBelongs() {
    showsOnlyIn("org.apache.ratis..", "io.equator.replication.ratis..");
    showsOnlyIn("org.rocksdb..", "io.equator.node.rocksdb..");
    showsOnlyIn("io.netty..", "io.equator.coordinator.http..");
    showsOnlyIn("io.micrometer..", "io.equator.server.observe..");
    showsOnlyIn("io.prometheus..", "io.equator.server.observe..");
    showsOnlyIn("com.fasterxml.jackson..", "io.equator.coordinator.json..", "io.equator.server..");
  }

  @Test
  void coresTouchNothingOutside() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.equator..core..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.grpc..", "org.apache.ratis..", "org.rocksdb..", "io.netty..", "java.net.."));
    check(
        noClasses()
            .that()
            .resideInAPackage("io.equator..core..")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(File.class, Thread.class));
  }

  @Test
  void everyPackageSaysWhatItIsForAndIsNullMarked() {
    assertThat(OURS.stream().map(JavaClass::getPackage).distinct())
        .as("packages without a package-info.java that carries @NullMarked")
        .filteredOn(javaPackage -> !isNullMarked(javaPackage))
        .extracting(JavaPackage::getName)
        .isEmpty();
  }

  private static boolean isNullMarked(JavaPackage javaPackage) {
    return javaPackage.isAnnotatedWith(NullMarked.class);
  }

  /** Checks that {@code module} depends on itself and, of ours, on {@code others} only. */
  private static void dependsOnOursOnly(String module, String... others) {
    DescribedPredicate<JavaClass> allowed =
        JavaClass.Predicates.resideOutsideOfPackage("io.equator..")
            .or(JavaClass.Predicates.resideInAPackage(packagesOf(module)));
    for (String other : others) {
      allowed = allowed.or(JavaClass.Predicates.resideInAPackage(packagesOf(other)));
    }
    check(
        classes()
            .that()
            .resideInAPackage(packagesOf(module))
            .should()
            .onlyDependOnClassesThat(
                allowed.as("are not ours, or belong to %s or %s", module, List.of(others))));
  }

  private static void showsOnlyIn(String library, String... homes) {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.equator..")
            .and()
            .resideOutsideOfPackages(homes)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library));
  }

  private static String packagesOf(String module) {
    return "io.equator." + module + "..";
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(OURS);
  }
}
