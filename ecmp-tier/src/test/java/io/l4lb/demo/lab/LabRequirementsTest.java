package io.l4lb.demo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabRequirementsTest {
    @TempDir
    private Path folder;

    @Test
    void theSystemsFoldersAreSearchedAfterTheUsersPath() {
        assertThat(LabRequirements.searched("/opt/tools/bin:/usr/bin"))
                .isEqualTo("/opt/tools/bin:/usr/bin:/usr/sbin:/sbin");
        assertThat(LabRequirements.searched("")).isEqualTo("/usr/sbin:/sbin");
    }

    @Test
    void theFirstToolThatIsMissingIsNamed() throws IOException {
        for (String tool : new String[] {"ip", "bridge"}) {
            Files.createFile(
                    folder.resolve(tool),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
        assertThat(LabRequirements.missingTool("/nowhere:" + folder))
                .contains("the lab needs ethtool, which is not installed");
    }

    /** ldconfig is nowhere else on a Debian. */
    @Test
    void whatTheLabRunsFindsThemToo() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", "command -v ldconfig");
        builder.environment().put("PATH", "/nowhere");
        Process found = LabRequirements.withTools(builder).start();
        assertThat(new String(found.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("/usr/sbin/ldconfig");
        assertThat(found.waitFor()).isZero();
    }
}
