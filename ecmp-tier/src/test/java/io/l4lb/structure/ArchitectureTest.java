package io.l4lb.structure;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.l4lb.worker.WorkerCommand;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Who may depend on whom (DESIGN's folders, STYLE 1, 5, 6, 11). */
class ArchitectureTest {
    /** In the order in which a packet meets them. */
    private static final List<String> STAGES = List.of(
            "receive",
            "parse",
            "classify",
            "fragment",
            "quic",
            "quote",
            "icmp",
            "access",
            "pin",
            "encapsulate",
            "outer",
            "transmit");

    /** What all stages work on. */
    private static final List<String> SHARED_BY_STAGES = List.of(
            "burst",
            "packet",
            "cid",
            "forwarding",
            "flow",
            "replica",
            "track",
            "counters",
            "dpdk",
            "hash",
            "net",
            "path",
            "prefix",
            "admit");

    private static final Set<String> JAVA_BASE =
            ModuleLayer.boot().findModule("java.base").orElseThrow().getPackages();

    private static JavaClasses product;
    private static List<SourceShape.Import> imports;

    @BeforeAll
    static void readClasses() {
        imports = SourceShape.of(Repository.javaSources().stream()
                        .filter(file -> file.toString().contains("src/main/java"))
                        .toList())
                .imports();
        product = new ClassFileImporter().importPaths(Repository.allClasses());
    }

    @Test
    void onlyTheBindingCallsNativeCode() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.l4lb.dpdk..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(product);
    }

    @Test
    void onlyTheJournalKnowsChronicle() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.l4lb.journal..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("net.openhft..")
                .check(product);
    }

    @Test
    void consistentHashNeedsJavaBaseOnly() {
        classes()
                .that()
                .resideInAPackage("io.l4lb.hash..")
                .should()
                .onlyDependOnClassesThat(describe(
                        "are of java.base or of io.l4lb.hash",
                        target -> target.getPackageName().startsWith("io.l4lb.hash")
                                || target.isPrimitive()
                                || JAVA_BASE.contains(
                                        target.getBaseComponentType().getPackageName())
                                || target.getBaseComponentType().isPrimitive()))
                .check(product);
    }

    @Test
    void bindingKnowsNothingOfLoadBalancing() {
        noClasses()
                .that()
                .resideInAPackage("io.l4lb.dpdk..")
                .should()
                .dependOnClassesThat(describe("are of another l4lb package", ArchitectureTest::isOursButNotBinding))
                .check(product);
    }

    private static boolean isOursButNotBinding(JavaClass target) {
        String name = target.getPackageName();
        return name.startsWith("io.l4lb.") && !name.startsWith("io.l4lb.dpdk");
    }

    @Test
    void coreDoesNotKnowTheNodeAroundIt() {
        Set<String> core = packagesOf("l4lb-core");
        Set<String> tier = packagesOf("ecmp-tier");
        noClasses()
                .that(describe("are of l4lb-core", owner -> core.contains(owner.getPackageName())))
                .should()
                .dependOnClassesThat(describe("are of ecmp-tier", target -> tier.contains(target.getPackageName())))
                .check(product);
    }

    private static Set<String> packagesOf(String module) {
        return new ClassFileImporter()
                .importPath(Repository.classes(module)).stream()
                        .map(JavaClass::getPackageName)
                        .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "consistent-hash", "l4lb-core", "ecmp-tier"})
    void packagesFormNoCycle(String module) {
        slices().matching("io.l4lb.(**)")
                .should()
                .beFreeOfCycles()
                .check(new ClassFileImporter().importPath(Repository.classes(module)));
    }

    /** Of all modules together, and with the constants that byte code does not show. */
    @Test
    void importsFormNoCycle() {
        Map<String, Set<String>> known = imports.stream()
                .filter(used -> used.to().startsWith("io.l4lb.")
                        && !packageOf(used.to()).equals(used.from()))
                .collect(Collectors.groupingBy(
                        SourceShape.Import::from,
                        Collectors.mapping(used -> packageOf(used.to()), Collectors.toSet())));

        assertThat(known).isNotEmpty();
        assertThat(known.keySet()).noneMatch(start -> reachable(start, known).contains(start));
    }

    private static Set<String> reachable(String start, Map<String, Set<String>> known) {
        Set<String> reached = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            known.getOrDefault(open.remove(), Set.of()).stream()
                    .filter(reached::add)
                    .forEach(open::add);
        }
        return reached;
    }

    static Stream<String> stages() {
        return STAGES.stream();
    }

    @ParameterizedTest
    @MethodSource("stages")
    void stageKnowsOnlyEarlierStagesAndWhatAllShare(String stage) {
        List<String> known = Stream.concat(
                        STAGES.subList(0, STAGES.indexOf(stage) + 1).stream(), SHARED_BY_STAGES.stream())
                .map(name -> "io.l4lb." + name)
                .toList();

        assertThat(imports.stream()
                        .filter(used -> used.from().equals("io.l4lb." + stage)
                                && used.to().startsWith("io.l4lb.")))
                .isNotEmpty()
                .allMatch(used -> known.contains(packageOf(used.to())));
    }

    /** {@return the package of an imported class, or of the class that an imported constant is of} */
    private static String packageOf(String imported) {
        return imported.replaceFirst("\\.[A-Z].*", "");
    }

    @Test
    void onlyCommandLineAndDemoPrint() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.l4lb.cli..", "io.l4lb.demo..")
                .should(ACCESS_STANDARD_STREAMS)
                .check(product);
    }

    /** The admin API's is a Unix domain socket. */
    @Test
    void onlyHealthChecksPeersTheAdminApiAndTheDemoOpenSockets() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.l4lb.health..",
                        "io.l4lb.peer.link..",
                        "io.l4lb.peer.tls..",
                        "io.l4lb.peer.group..",
                        "io.l4lb.demo..",
                        "io.l4lb.node.admin..",
                        "io.l4lb.cli.control..")
                .should()
                .dependOnClassesThat(describe("open sockets", ArchitectureTest::opensSockets))
                .check(product);
    }

    private static boolean opensSockets(JavaClass target) {
        String name = target.getName();
        return name.startsWith("java.net.http.")
                || name.startsWith("com.sun.net.httpserver.")
                || name.matches("java\\.net\\.(\\w*Socket|URL|\\w*URLConnection)")
                || name.matches("java\\.nio\\.channels\\.\\w*(Socket|Datagram)\\w*Channel");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Manager", "Helper", "Util", "Utils", "Impl", "Context"})
    void noNameSaysNothing(String ending) {
        noClasses().should().haveSimpleNameEndingWith(ending).check(product);
    }

    @Test
    void descriptorsAreStaticOnly() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Descriptor")
                .should()
                .haveModifier(JavaModifier.FINAL)
                .andShould()
                .haveOnlyPrivateConstructors()
                .andShould(HouseConditions.haveOnlyStaticMembers())
                .check(product);
    }

    @Test
    void buildersMakeSomethingElse() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Builder")
                .should(HouseConditions.haveMethodThatBuilds())
                .check(product);
    }

    @Test
    void workersAndPeopleGiveCommands() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Command")
                .should()
                .beAssignableTo(WorkerCommand.class)
                .orShould()
                .beAnnotatedWith(CommandLine.Command.class)
                .check(product);
    }
}
