package io.fundamentallm.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.contract.PowerLoss;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is there when the power fails. */
class DurableFilesTest {
  @TempDir private Path folder;

  @BeforeEach
  void requireDirectoriesThatOpen() {
    assumeTrue(File.separatorChar == '/', "no directory can be synced here");
  }

  @Test
  void an_atomic_file_is_the_old_one_or_the_new_one_and_when_it_is_written_the_new_one()
      throws IOException {
    PowerLoss power = PowerLoss.below(folder);
    Path file = power.path().resolve("a/b/file");
    write(file, "old");
    int old = power.moment();
    write(file, "new");
    int written = power.moment();

    power.fails(
        (moment, disk) -> {
          byte[] bytes = disk.get("a/b/file");
          String text = bytes == null ? "none" : new String(bytes, UTF_8);
          if (moment == written) {
            assertThat(text).isEqualTo("new");
          } else if (moment >= old) {
            assertThat(text).isIn("old", "new");
          } else {
            assertThat(text).isIn("none", "old");
          }
        });
    assertThat(file).hasContent("new");
  }

  @Test
  void the_name_of_a_directory_that_somebody_else_made_is_synced_too() throws IOException {
    PowerLoss power = PowerLoss.below(folder);
    Path directory = Files.createDirectory(power.path().resolve("model"));

    write(directory.resolve("file"), "new");

    int written = power.moment();
    power.fails(
        (moment, disk) ->
            assertThat(moment < written || disk.containsKey("model/file"))
                .as("after %d of %d changes: %s", moment, written, disk.keySet())
                .isTrue());
  }

  @Test
  void what_is_deleted_does_not_come_back() throws IOException {
    PowerLoss power = PowerLoss.below(folder);
    Path file = power.path().resolve("file");
    write(file, "old");
    DurableFiles.deleteIfExists(file);
    DurableFiles.deleteIfExists(file);

    int deleted = power.moment();
    power.fails(
        (moment, disk) -> assertThat(moment < deleted || disk.isEmpty()).as("" + disk).isTrue());
  }

  @Test
  void all_that_somebody_else_wrote_into_a_directory_is_synced_before_its_name()
      throws IOException {
    PowerLoss power = PowerLoss.below(folder);
    Path unfinished = power.path().resolve(".unfinished");
    Files.createDirectories(unfinished.resolve("inner"));
    Files.writeString(unfinished.resolve("a"), "A");
    Files.writeString(unfinished.resolve("inner/b"), "B");

    DurableFiles.syncAll(unfinished);
    DurableFiles.rename(unfinished, power.path().resolve("whole"));

    int renamed = power.moment();
    power.fails(
        (moment, disk) -> {
          assertThat(moment < renamed || disk.containsKey("whole/")).isTrue();
          if (disk.containsKey("whole/")) {
            assertThat(new String(disk.get("whole/a"), UTF_8)).isEqualTo("A");
            assertThat(new String(disk.get("whole/inner/b"), UTF_8)).isEqualTo("B");
          }
        });
  }

  @Test
  void a_file_in_the_way_of_a_directory_is_an_exception() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> DurableFiles.createDirectories(file))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void an_interrupt_is_not_taken_for_a_directory_that_cannot_be_synced() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> DurableFiles.createDirectories(folder.resolve("a")))
          .isInstanceOf(ClosedByInterruptException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void where_directories_do_not_open_files_are_written_all_the_same() throws IOException {
    URI zip = URI.create("jar:" + folder.resolve("files.zip").toUri());
    try (FileSystem closed = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path inside = closed.getPath("/a/b");
      assertThatThrownBy(() -> FileChannel.open(closed.getPath("/"), StandardOpenOption.READ))
          .isInstanceOf(IOException.class);

      write(inside.resolve("file"), "text");

      assertThat(Files.readString(inside.resolve("file"))).isEqualTo("text");
    }
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFile.write(file, channel -> channel.write(ByteBuffer.wrap(text.getBytes(UTF_8))));
  }
}
