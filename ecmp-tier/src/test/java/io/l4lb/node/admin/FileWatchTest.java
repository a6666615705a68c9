package io.l4lb.node.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is read when its writer is done with it, once. */
class FileWatchTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(directory.resolve("lb.yaml"), "a");
    }

    @Test
    void aChangeIsToldOnceAndNotBeforeTheFileIsAtRest() throws IOException {
        FileWatch watch = new FileWatch(file);
        assertThat(watch.isChanged()).isFalse();
        Files.writeString(file, "ab");
        assertThat(watch.isChanged()).isFalse();
        Files.writeString(file, "abc");
        assertThat(watch.isChanged()).isFalse();
        assertThat(watch.isChanged()).isTrue();
        assertThat(watch.isChanged()).isFalse();
    }

    @Test
    void aFileThatIsReplacedByAnotherOfTheSameLengthIsChanged() throws IOException {
        FileWatch watch = new FileWatch(file);
        Path next = Files.writeString(directory.resolve("next"), "b");
        Files.setLastModifiedTime(next, Files.getLastModifiedTime(file));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
        watch.isChanged();
        assertThat(watch.isChanged()).isTrue();
    }

    @Test
    void aLinkThatIsSwitchedIsAChange() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        FileWatch watch = new FileWatch(link);
        Path other = Files.writeString(directory.resolve("other"), "b");
        Files.delete(link);
        Files.createSymbolicLink(link, other);
        watch.isChanged();
        assertThat(watch.isChanged()).isTrue();
    }

    @Test
    void aFileThatVanishesIsWaitedFor() throws IOException {
        FileWatch watch = new FileWatch(file);
        Files.delete(file);
        assertThat(watch.isChanged()).isFalse();
        assertThat(watch.isChanged()).isFalse();
        Files.writeString(file, "back, and longer");
        assertThat(watch.isChanged()).isFalse();
        assertThat(watch.isChanged()).isTrue();
    }
}
