package dev.imageshare;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.imageshare.operator.ApiHttpClientFactory;
import io.fabric8.kubernetes.client.CustomResource;
import java.lang.reflect.Modifier;
import java.time.Clock;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The house rules that a compiler doesn't know: which package knows which, and what none of them does. */
@AnalyzeClasses(packages = "dev.imageshare", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String OURS = "dev.imageshare..";

    /** A search for a type finds one. */
    @ArchTest
    static void eachTypeHasANameOfItsOwn(JavaClasses classes) {
        var places = classes.stream()
                .map(JavaClass::reflect)
                .filter(type -> !type.isAnonymousClass()
                        && !type.isLocalClass()
                        && !Modifier.isPrivate(type.getModifiers())
                        && !type.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(
                        Class::getSimpleName, TreeMap::new, Collectors.mapping(Class::getName, Collectors.toList())));
        places.values().removeIf(types -> types.size() == 1);
        assertThat(places).isEmpty();
    }

    @ArchTest
    static final ArchRule arrowsGoOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("operator")
            .definedBy("dev.imageshare.operator..")
            .layer("cli")
            .definedBy("dev.imageshare.cli..")
            .layer("site")
            .definedBy("dev.imageshare.site..")
            .layer("share")
            .definedBy("dev.imageshare.share..")
            .layer("acceptance")
            .definedBy("dev.imageshare.acceptance..")
            .layer("projectset")
            .definedBy("dev.imageshare.projectset..")
            .layer("rotation")
            .definedBy("dev.imageshare.rotation..")
            .layer("access")
            .definedBy("dev.imageshare.access..")
            .layer("notifier")
            .definedBy("dev.imageshare.notifier..")
            .layer("reconcile")
            .definedBy("dev.imageshare.reconcile..")
            .layer("orc")
            .definedBy("dev.imageshare.orc..")
            .layer("membership")
            .definedBy("dev.imageshare.membership..")
            .layer("openstack")
            .definedBy("dev.imageshare.openstack..")
            .layer("api")
            .definedBy("dev.imageshare.api..")
            .whereLayer("operator")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("cli")
            .mayOnlyBeAccessedByLayers("operator")
            .whereLayer("site")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("share")
            .mayOnlyBeAccessedByLayers("operator", "cli", "site")
            .whereLayer("acceptance")
            .mayOnlyBeAccessedByLayers("operator", "cli")
            .whereLayer("projectset")
            .mayOnlyBeAccessedByLayers("operator", "cli", "share", "access")
            .whereLayer("access")
            .mayOnlyBeAccessedByLayers("operator", "cli")
            .whereLayer("rotation")
            .mayOnlyBeAccessedByLayers("operator", "cli")
            .whereLayer("notifier")
            .mayOnlyBeAccessedByLayers("operator", "cli")
            .whereLayer("reconcile")
            .mayOnlyBeAccessedByLayers(
                    "operator",
                    "cli",
                    "site",
                    "share",
                    "acceptance",
                    "projectset",
                    "access",
                    "rotation",
                    "notifier",
                    "orc")
            .whereLayer("orc")
            .mayOnlyBeAccessedByLayers("operator", "cli", "share")
            .whereLayer("membership")
            .mayOnlyBeAccessedByLayers("share", "projectset", "rotation", "cli")
            .whereLayer("openstack")
            .mayOnlyBeAccessedByLayers(
                    "operator",
                    "cli",
                    "site",
                    "share",
                    "acceptance",
                    "projectset",
                    "access",
                    "rotation",
                    "notifier",
                    "reconcile")
            .whereLayer("api")
            .mayOnlyBeAccessedByLayers(
                    "operator",
                    "cli",
                    "site",
                    "share",
                    "acceptance",
                    "projectset",
                    "access",
                    "rotation",
                    "notifier",
                    "reconcile");

    @ArchTest
    static final ArchRule noPackageIsOutsideTheHouse = noClasses()
            .should()
            .resideOutsideOfPackages(
                    "dev.imageshare.operator..",
                    "dev.imageshare.cli..",
                    "dev.imageshare.site..",
                    "dev.imageshare.share..",
                    "dev.imageshare.acceptance..",
                    "dev.imageshare.projectset..",
                    "dev.imageshare.access..",
                    "dev.imageshare.rotation..",
                    "dev.imageshare.notifier..",
                    "dev.imageshare.reconcile..",
                    "dev.imageshare.orc..",
                    "dev.imageshare.membership..",
                    "dev.imageshare.openstack..",
                    "dev.imageshare.api..")
            .as("every class of the product is in a package that the arrows name");

    @ArchTest
    static final ArchRule membershipIsPure = noClasses()
            .that()
            .resideInAPackage("dev.imageshare.membership..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "java.io..",
                            "java.net..",
                            "java.nio.file..",
                            "org.slf4j..",
                            "io.fabric8..",
                            "io.javaoperatorsdk..",
                            "okhttp3..",
                            "com.fasterxml..")
                    .or(type(Clock.class)));

    @ArchTest
    static final ArchRule openstackKnowsNothingOfKubernetes = noClasses()
            .that()
            .resideInAPackage("dev.imageshare.openstack..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.fabric8..", "io.javaoperatorsdk.."));

    @ArchTest
    static final ArchRule theApiHasNoBehaviourOfOthers = noClasses()
            .that()
            .resideInAPackage("dev.imageshare.api..")
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("io.javaoperatorsdk..", "okhttp3..", "org.slf4j..", "java.io..", "java.net.."));

    @ArchTest
    static final ArchRule httpIsSpokenInOnePlace = noClasses()
            .that()
            .resideOutsideOfPackage("dev.imageshare.openstack..")
            .and(DescribedPredicate.not(JavaClass.Predicates.belongToAnyOf(ApiHttpClientFactory.class))
                    .and(nameMatching(".*\\.notifier\\.HttpReceiver").negate()))
            .should()
            .dependOnClassesThat(resideInAnyPackage("okhttp3..", "okio.."));

    @ArchTest
    static final ArchRule kubernetesIsReachedByTheClientOfMain = noClasses()
            .that(resideInAPackage(OURS)
                    .and(JavaClass.Predicates.belongToAnyOf(ApiHttpClientFactory.class)
                            .negate()))
            .should()
            .dependOnClassesThat(resideInAPackage("io.fabric8.kubernetes.client.okhttp.."));

    /** A command starts at once if it loads none of these; the one that asks a cluster has a class of its own for it. */
    @ArchTest
    static final ArchRule commandsNeedNoKubernetesClient = noClasses()
            .that(resideInAnyPackage("dev.imageshare.cli..", "dev.imageshare.site..")
                    .and(nameMatching(".*\\.Cluster(\\$.*)?").negate()))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.fabric8.kubernetes.client..", "io.javaoperatorsdk..")
                    .and(type(CustomResource.class).negate()));

    /** The operator starts, and is as small, as if there were no pages. */
    @ArchTest
    static final ArchRule onlyThePagesKnowTheirTemplates = noClasses()
            .that()
            .resideOutsideOfPackage("dev.imageshare.site..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("gg.jte..", "dev.imageshare.site.html.."));

    @ArchTest
    static final ArchRule nothingStaticChanges = fields().that()
            .areStatic()
            .and()
            .doNotHaveModifier(JavaModifier.SYNTHETIC)
            .should()
            .beFinal();

    @ArchTest
    static final ArchRule nothingStaticCollects = fields().that()
            .areStatic()
            .should()
            .notHaveRawType(nameMatching("java\\.util\\.(concurrent\\..*|.*HashMap|.*HashSet|.*ArrayList|.*Deque)"))
            .as("a static field holds no collection that can be changed, nor threads");

    @ArchTest
    static final ArchRule onlyMainWritesToTheConsole = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.imageshare.operator.OperatorMain")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule nobodyPrintsStackTraces = noClasses()
            .should()
            .callMethod(Throwable.class, "printStackTrace")
            .orShould()
            .callMethod(Thread.class, "dumpStack");

    @ArchTest
    static final ArchRule onlyMainEndsTheProcess = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.imageshare.operator.OperatorMain")
            .and()
            .doNotHaveFullyQualifiedName("dev.imageshare.operator.Main")
            .should()
            .callMethod(System.class, "exit", int.class);

    @ArchTest
    static final ArchRule testCodeIsNotInTheProduct = noClasses()
            .should(com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat(resideInAnyPackage(
                    "dev.imageshare.embedded..",
                    "dev.imageshare.tryout..",
                    "dev.imageshare.scenarios..",
                    "org.junit..",
                    "io.fabric8.kubernetes.client.server.mock..")));

    /** Rules on nothing hold always. */
    @ArchTest
    static void theProductIsLookedAt(JavaClasses classes) {
        assertThat(classes.contain("dev.imageshare.operator.OperatorMain")).isTrue();
        assertThat(classes.contain("dev.imageshare.membership.MembershipPlan")).isTrue();
        assertThat(classes).allMatch(c -> c.getPackageName().startsWith("dev.imageshare."));
        assertThat(classes)
                .noneMatch(c -> c.getPackageName().matches("dev\\.imageshare\\.(embedded|tryout|scenarios)(\\..*)?"));
    }
}
