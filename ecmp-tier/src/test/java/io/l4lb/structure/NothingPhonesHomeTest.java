package io.l4lb.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import net.openhft.chronicle.core.analytics.AnalyticsFacade;
import net.openhft.chronicle.core.internal.analytics.ReflectionUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No library that reports its use to its maker is on the class path, and if a dependency ever brings Chronicle's, it is
 * switched off. That our own classes open no socket is in {@link ArchitectureTest}.
 */
class NothingPhonesHomeTest {
    private static final Path OPTIONS = Path.of("ecmp-tier/src/main/jvm/common.options");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "net.openhft.chronicle.analytics.Analytics",
                "net.openhft.chronicle.analytics.internal.AnalyticsConfiguration"
            })
    void analyticsCannotBeLoaded(String name) {
        assertThatThrownBy(() -> Class.forName(name)).isInstanceOf(ClassNotFoundException.class);
    }

    /** Chronicle's core calls its analytics by reflection: with the library left out there is nothing to call. */
    @Test
    void chronicleFindsNoAnalytics() {
        assertThat(AnalyticsFacade.isEnabled() && ReflectionUtil.analyticsPresent())
                .isFalse();
        assertThat(AnalyticsFacade.standardBuilder("", "", "1")
                        .build()
                        .getClass()
                        .getSimpleName())
                .isEqualTo("MuteAnalytics");
    }

    @Test
    void classPathHasNothingThatReports() {
        assertThat(Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(entry -> Path.of(entry).getFileName().toString().toLowerCase(Locale.ROOT)))
                .isNotEmpty()
                .noneMatch(name -> Stream.of("analytics", "telemetry", "sentry", "tracking")
                        .anyMatch(name::contains));
    }

    @Test
    void everyJvmOfOursSwitchesAnalyticsOff() {
        List<String> options = Repository.text(OPTIONS).lines().toList();

        assertThat(options)
                .contains(
                        "-Dchronicle.analytics.disable=true",
                        "-Dchronicle.announcer.disable=true",
                        "-Dchronicle.disk.monitor.disable=true");
        assertThat(System.getProperty("chronicle.analytics.disable"))
                .as("surefire reads common.options")
                .isEqualTo("true");
        assertThat(Repository.text(Path.of("l4lb")).lines().filter(line -> line.contains("bin/java")))
                .isNotEmpty()
                .allMatch(line -> line.contains("common.options"));
    }
}
