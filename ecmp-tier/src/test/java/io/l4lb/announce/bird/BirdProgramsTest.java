package io.l4lb.announce.bird;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BirdProgramsTest {
    @TempDir
    private Path folder;

    @Test
    void theUsersPathGoesBeforeTheSystemsFolderAndOnlyProgramsCount() throws IOException {
        Path program = Files.writeString(folder.resolve("birdc"), "");
        assertThat(BirdPrograms.find("birdc", folder + ":/nowhere")).isEmpty();
        assertThat(program.toFile().setExecutable(true)).isTrue();
        assertThat(BirdPrograms.find("birdc", "/nowhere:" + folder)).contains(program.toString());
    }

    /** Every Debian has this one there, and only there. */
    @Test
    void aProgramInTheSystemsFolderIsFoundThoughTheUsersPathLacksIt() {
        assertThat(BirdPrograms.searched()).endsWith("/usr/sbin");
        assertThat(BirdPrograms.find("ldconfig", "/nowhere:/usr/sbin")).contains("/usr/sbin/ldconfig");
        assertThat(BirdPrograms.find("no-such-program", "")).isEmpty();
    }
}
