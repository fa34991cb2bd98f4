package io.fundamentallm.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
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
  void a_directory_in_place_of_a_file_and_a_file_in_place_of_a_directory_are_named()
      throws IOException {
    Files.createDirectory(folder.resolve("taken"));
    assertThatIOException()
        .isThrownBy(() -> AtomicFile.write(folder.resolve("taken"), ByteBuffer.allocate(1)))
        .withMessage(
            folder.resolve("taken") + ": it is a directory; expected a file, or a name for one");
    Path file = Files.writeString(folder.resolve("file"), "kept");
    assertThatIOException()
        .isThrownBy(() -> AtomicFile.write(file.resolve("below"), ByteBuffer.allocate(1)))
        .withMessage(file + ": it is a file; expected a directory");
    assertThat(file).hasContent("kept");
  }

  @Test
  void what_cannot_be_opened_has_the_name_that_was_asked_for() {
    Path file = folder.resolve("n".repeat(250)); // too long with what is added
    assertThatIOException()
        .isThrownBy(() -> AtomicFile.write(file, ByteBuffer.allocate(1)))
        .withMessageStartingWith(file + ": it cannot be written: ");
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
        .hasMessage("half way");
    assertThat(file).hasContent("old");
    assertOnly(file);
  }

  @Test
  void a_full_disk_is_told_with_the_name_of_the_file() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "this system has no device that is always full");
    Path file = folder.resolve("file");
    List<AtomicFile.Contents> all =
        List.of(
            channel -> channel.write(ByteBuffer.allocate(1)),
            channel -> channel.write(ByteBuffer.allocate(1), 5),
            channel -> channel.write(new ByteBuffer[] {ByteBuffer.allocate(1)}),
            channel ->
                channel.transferFrom(
                    Channels.newChannel(new ByteArrayInputStream(new byte[1])), 0, 1));
    for (AtomicFile.Contents contents : all) {
      try (FileChannel device = FileChannel.open(full, StandardOpenOption.WRITE);
          FileChannel channel = new NamedChannel(file, device)) {
        assertThatThrownBy(() -> contents.writeTo(channel))
            .isInstanceOf(FileSystemException.class)
            .hasMessageStartingWith(file + ": ") // and what the system calls it
            .hasCauseExactlyInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void what_says_by_itself_what_it_is_stays_so() {
    assertThatThrownBy(() -> AtomicFile.write(folder.resolve("file"), channel -> channel.close()))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(folder).isEmptyDirectory();
  }

  private static void assertOnly(Path file) throws IOException {
    try (Stream<Path> left = Files.list(file.getParent())) {
      assertThat(left).containsExactly(file);
    }
  }
}
