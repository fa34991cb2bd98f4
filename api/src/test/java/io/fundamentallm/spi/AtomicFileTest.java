package io.fundamentallm.spi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path folder;

  @Test
  void the_directory_is_made_and_the_old_file_replaced() throws IOException {
    Path file = folder.resolve("a/b/file");
    for (String text : new String[] {"old", "new"}) {
      AtomicFile.write(file, channel -> channel.write(ByteBuffer.wrap(text.getBytes(UTF_8))));
      assertThat(file).hasContent(text);
    }
    assertOnly(file);
  }

  @Test
  void a_failure_leaves_the_old_file_and_nothing_else() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.allocate(10));
                      throw new IOException("half way");
                    }))
        .hasMessage(file + ": half way");
    assertThat(file).hasContent("old");
    assertOnly(file);
  }

  @Test
  void a_full_disk_is_told_with_the_name_of_the_file() {
    Path file = folder.resolve("file");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      // as channels say it
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(file + ": No space left on device");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void what_says_by_itself_what_it_is_stays_so() {
    for (IOException failure :
        new IOException[] {
          new ClosedByInterruptException(), new EOFException("a.bin: too short")
        }) {
      assertThatThrownBy(
              () ->
                  AtomicFile.write(
                      folder.resolve("file"),
                      channel -> {
                        throw failure;
                      }))
          .isSameAs(failure);
    }
  }

  private static void assertOnly(Path file) throws IOException {
    try (Stream<Path> left = Files.list(file.getParent())) {
      assertThat(left).containsExactly(file);
    }
  }
}
