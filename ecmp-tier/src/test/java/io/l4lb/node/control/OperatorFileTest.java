package io.l4lb.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator's settings outlast the process; a file that is no such file does no harm. */
class OperatorFileTest {
    private static final OperatorSettings SETTINGS = OperatorSettings.NONE
            .withNodeDrained(true)
            .withDrained(new BackendKey("web", "web1"), true)
            .withWeight(new BackendKey("web", "web2"), OptionalInt.of(65_535))
            .withWeight(new BackendKey("web", "web1"), OptionalInt.of(0));

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve(OperatorFile.NAME);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        OperatorFile file = new OperatorFile(directory);
        file.write(OperatorSettings.NONE);
        file.write(SETTINGS);
        assertThat(new OperatorFile(directory).read()).isEqualTo(SETTINGS);
        assertThat(directory).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void withoutAFileNothingIsSet() {
        assertThat(new OperatorFile(directory).read()).isEqualTo(OperatorSettings.NONE);
    }

    @Test
    void aHalfWrittenFileBesideTheGoodOneIsNotRead() throws IOException {
        new OperatorFile(directory).write(SETTINGS);
        Files.writeString(directory.resolve(OperatorFile.NAME + ".new"), "{\"version\": 1, \"nodeDr");
        assertThat(new OperatorFile(directory).read()).isEqualTo(SETTINGS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "7",
                "null",
                "{\"version\": 2, \"nodeDrained\": false, \"backends\": []}",
                "{\"version\": 1, \"backends\": []}",
                "{\"version\": 1, \"nodeDrained\": \"no\", \"backends\": []}",
                "{\"version\": 1, \"nodeDrained\": false}",
                "{\"version\": 1, \"nodeDrained\": false, \"backends\": {}}",
                "{\"version\": 1, \"nodeDrained\": false, \"backends\": [7]}",
                "{\"version\": 1, \"nodeDrained\": false, \"backends\": [{\"pool\": 1}]}",
                "{\"version\": 1, \"nodeDrained\": false, \"backends\": [{\"pool\": \"a\", \"backend\": \"b\"}]}",
                "{\"version\": 1, \"nodeDrained\": false, \"backends\":"
                        + " [{\"pool\": \"a\", \"backend\": \"b\", \"drained\": true, \"weight\": 65536}]}"
            })
    void whatCannotBeReadIsSetAside(String text) throws IOException {
        Files.writeString(file(), text);
        assertThat(new OperatorFile(directory).read()).isEqualTo(OperatorSettings.NONE);
        assertThat(file()).doesNotExist();
        assertThat(directory.resolve(OperatorFile.SET_ASIDE_NAME)).hasContent(text);
    }

    @Test
    void bytesThatAreNoTextAreSetAside() throws IOException {
        Files.write(file(), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertThat(new OperatorFile(directory).read()).isEqualTo(OperatorSettings.NONE);
        assertThat(directory.resolve(OperatorFile.SET_ASIDE_NAME)).exists();
    }

    @Test
    void aDirectoryThatIsGoneIsAnError() throws IOException {
        Path gone = Files.createDirectory(directory.resolve("gone"));
        OperatorFile file = new OperatorFile(gone);
        Files.delete(gone);
        assertThatThrownBy(() -> file.write(SETTINGS)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "web", "web/", "/web1", "a/b/c"})
    void whatIsNotPoolAndNameIsNoBackend(String text) {
        assertThat(BackendKey.parse(text)).isEmpty();
    }

    @Test
    void aBackendIsWrittenAsItIsRead() {
        assertThat(BackendKey.parse("web/web1")).hasToString("Optional[web/web1]");
    }
}
